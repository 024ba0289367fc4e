/** Plain values one after the other in one buffer, as JSON: a million small values take the memory of their text. */
export class PackedValues<Value> {
  #bytes = Buffer.alloc(64 * 1024)
  /** End of each value in the buffer. */
  readonly #ends: number[] = []

  get length(): number {
    return this.#ends.length
  }

  /** @returns The index of the value. */
  push(value: Value): number {
    const text = JSON.stringify(value)
    const start = this.#ends.at(-1) ?? 0
    const end = start + Buffer.byteLength(text)
    if (end > this.#bytes.length) this.#grow(end)
    this.#bytes.write(text, start)
    return this.#ends.push(end) - 1
  }

  at(index: number): Value {
    const start = index === 0 ? 0 : this.#ends[index - 1]!
    return JSON.parse(this.#bytes.toString('utf8', start, this.#ends[index]!))
  }

  #grow(least: number): void {
    const larger = Buffer.alloc(Math.max(least, 2 * this.#bytes.length))
    this.#bytes.copy(larger)
    this.#bytes = larger
  }
}
