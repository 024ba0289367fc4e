import type { Tensor } from '../tensor.ts'

/**
 * A size that stays free in an exported file, usually the batch. In the graph a large prime represents it,
 * which is a factor of no real size; the writer recognizes its multiples and replaces them by the size of the
 * fed input.
 */
export interface SymbolicSize {
  readonly prime: number
  /** Name in the file, e.g. `batch_size`. */
  readonly name: string
  /** The input (or, of packed rows, the inner value) and axis whose size it is when the program runs. */
  readonly input: Tensor
  readonly axis: number
}

/** Large primes that represent free sizes; products of a few of them are still exact integers. */
export const symbolicPrimes = [65_537, 65_539, 65_543] as const

const known: number[] = [...symbolicPrimes]

/** A prime that represents no other size: the next one after those given out before. */
export function newSymbolicPrime(): number {
  let candidate = known[known.length - 1]! + 2
  while (!isPrime(candidate)) candidate += 2
  known.push(candidate)
  return candidate
}

function isPrime(odd: number): boolean {
  for (let factor = 3; factor * factor <= odd; factor += 2) if (odd % factor === 0) return false
  return true
}

/** True when one of the primes is a factor of `size`. */
export const isSymbolic = (size: number): boolean => size > 0 && known.some((prime) => size % prime === 0)

/** The symbolic sizes that `size` is a product of, and the remaining factor; undefined for a fixed size. */
export function symbolOf(
  size: number,
  symbols: readonly SymbolicSize[],
): { symbols: readonly SymbolicSize[]; factor: number } | undefined {
  const found: SymbolicSize[] = []
  let factor = size
  for (const symbol of symbols) {
    while (factor > 0 && factor % symbol.prime === 0) {
      found.push(symbol)
      factor /= symbol.prime
    }
  }
  return found.length > 0 ? { symbols: found, factor } : undefined
}

/** The dimension of a value in the file: a number, or an expression in the free sizes. */
export function dimension(size: number, symbols: readonly SymbolicSize[]): object {
  const found = symbolOf(size, symbols)
  if (!found) return { dimValue: size }
  const names = found.symbols.map(({ name }) => name)
  return { dimParam: [...(found.factor === 1 ? [] : [found.factor]), ...names].join('*') }
}
