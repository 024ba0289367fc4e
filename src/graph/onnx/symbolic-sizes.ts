import { VisuomotorError } from '../../core/index.ts'
import type { Tensor } from '../tensor.ts'

/**
 * A size that stays free in an exported file, usually the batch. While building, it is stood for by a large
 * prime that no real size contains as a factor; the writer recognizes its multiples and replaces them by
 * what the file's reader feeds.
 */
export interface SymbolicSize {
  readonly prime: number
  /** Name in the file, e.g. `batch_size`. */
  readonly name: string
  /** The graph input and the axis where the real size is found when the program runs. */
  readonly input: Tensor
  readonly axis: number
}

/** Which symbolic size `size` is a multiple of, and how often; undefined for a fixed size. */
export function symbolOf(
  size: number,
  symbols: readonly SymbolicSize[],
): { symbol: SymbolicSize; factor: number } | undefined {
  const symbol = symbols.find(({ prime }) => size > 0 && size % prime === 0)
  if (!symbol) return undefined
  const factor = size / symbol.prime
  if (symbolOf(factor, symbols)) {
    throw new VisuomotorError(
      'onnx/symbolic-product',
      `a size of ${size} multiplies two free sizes; export them apart`,
      {
        size,
      },
    )
  }
  return { symbol, factor }
}

/** The dimension of a value in the file: a number, or an expression in the free sizes. */
export function dimension(size: number, symbols: readonly SymbolicSize[]): object {
  const found = symbolOf(size, symbols)
  if (!found) return { dimValue: size }
  const { symbol, factor } = found
  return { dimParam: factor === 1 ? symbol.name : `${factor}*${symbol.name}` }
}
