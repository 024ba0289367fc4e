/** Memoize `make` for its last few arguments. */
export function recent<T>(keep: number, make: (...numbers: number[]) => T): (...numbers: number[]) => T {
  const made = new Map<string, T>()
  return (...numbers) => {
    const key = numbers.join()
    const value = made.get(key) ?? make(...numbers)
    made.delete(key)
    made.set(key, value)
    if (made.size > keep) made.delete(made.keys().next().value!)
    return value
  }
}
