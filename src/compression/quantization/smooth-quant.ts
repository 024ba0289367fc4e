import { activationCodes, type Range, throughCode } from './activation-codes.ts'
import { roundHalfEven, type WeightBits } from './codes.ts'
import type { Precision } from './integer-precision.ts'
import { matrixOf, type Product } from './products.ts'

/** Exponents that are tried beside no smoothing. */
const exponents = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8] as const

/** Columns of a matrix on which errors are reckoned. */
const triedColumns = 64

/** A product, and what it reads. */
export interface SampledProduct {
  readonly product: Product
  /** Rows of its activations [rows, inputs]. */
  readonly rows: Float32Array
}

/** Products that read the channels of one value, and the extent of these. */
export interface SmoothingGroup {
  readonly products: readonly SampledProduct[]
  readonly low: Float32Array
  readonly high: Float32Array
}

/** Smoothing of a group, and its error: Σ‖Ŷ − Y‖² / Σ‖Y‖² over its products. */
export interface Smoothing {
  /** Exponent α; undefined for no smoothing. */
  readonly alpha: number | undefined
  readonly factors: Float32Array | undefined
  readonly error: number
}

/**
 * SmoothQuant: the smoothing that leaves the least error of the products' outputs, on a sample of rows and columns,
 *
 *     Y = (X·diag(s)⁻¹)·(diag(s)·W),   s_j = max|X_j|^α / max|W_j|^(1 − α)
 *
 * so that channels with outliers leave room in the codes of the others. α is tried from 0.3 to 0.8, and none.
 *
 * @param gain Smallest factor by which smoothing must lower the error. 1 where it costs nothing.
 *
 * Source: Xiao et al., "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models" (2023);
 * there α is one number for the model.
 */
export function searchSmoothing(group: SmoothingGroup, precision: Precision, gain = 1): Smoothing {
  const matrices = group.products.map(({ product }) => matrixOf(product))
  const errorWith = (factors: Float32Array | undefined) =>
    group.products.reduce(
      (sum, each, i) => sum + outputError(each, matrices[i]!, group, factors, precision),
      0,
    )
  const weights = largestWeights(group, matrices)
  const none: Smoothing = { alpha: undefined, factors: undefined, error: errorWith(undefined) }
  const tried = exponents.map((alpha) => {
    const factors = smoothingFactors(group, weights, alpha)
    return { alpha, factors, error: errorWith(factors) }
  })
  const best = tried.reduce((a, b) => (b.error < a.error ? b : a))
  return best.error * gain < none.error ? best : none
}

/** Largest size of a weight of each input, over all products. */
function largestWeights({ products, low }: SmoothingGroup, matrices: readonly Float32Array[]): Float32Array {
  const largest = new Float32Array(low.length)
  for (const [i, { product }] of products.entries()) {
    matrices[i]!.forEach((weight, at) => {
      const input = Math.floor(at / product.outputs)
      largest[input] = Math.max(largest[input]!, Math.abs(weight))
    })
  }
  return largest
}

/** s of an exponent; 1 for channels or weights that are all zero. */
export function smoothingFactors(
  { low, high }: Pick<SmoothingGroup, 'low' | 'high'>,
  weights: Float32Array,
  alpha: number,
): Float32Array {
  return weights.map((weight, i) => {
    const size = Math.max(Math.abs(low[i]!), Math.abs(high[i]!))
    return size > 0 && weight > 0 ? Math.max(size ** alpha / weight ** (1 - alpha), 1e-5) : 1
  })
}

/** The range of channels after smoothing. */
export function smoothedRange(
  { low, high }: Pick<SmoothingGroup, 'low' | 'high'>,
  factors: Float32Array | undefined,
): Range {
  let [least, most] = [0, 0]
  for (let i = 0; i < low.length; i++) {
    const factor = factors?.[i] ?? 1
    least = Math.min(least, low[i]! / factor)
    most = Math.max(most, high[i]! / factor)
  }
  return { low: least, high: most }
}

function outputError(
  { product, rows }: SampledProduct,
  matrix: Float32Array,
  group: SmoothingGroup,
  factors: Float32Array | undefined,
  { type, bits }: Precision,
): number {
  const { inputs, outputs } = product
  const codes = activationCodes(smoothedRange(group, factors), type)
  const coded = rows.map((x, i) => throughCode(x / (factors?.[i % inputs] ?? 1), codes))
  const step = Math.max(outputs / triedColumns, 1)
  let [noise, signal] = [0, 0]
  for (let at = 0; at < outputs; at += step) {
    const exact = columnOf(matrix, Math.floor(at), outputs, inputs)
    const smooth = exact.map((weight, i) => weight * (factors?.[i] ?? 1))
    const weights = throughWeightCodes(smooth, bits)
    for (let start = 0; start < rows.length; start += inputs) {
      let [y, yCoded] = [0, 0]
      for (let i = 0; i < inputs; i++) {
        y += rows[start + i]! * exact[i]!
        yCoded += coded[start + i]! * weights[i]!
      }
      noise += (yCoded - y) ** 2
      signal += y * y
    }
  }
  return signal > 0 ? noise / signal : noise
}

const columnOf = (matrix: Float32Array, column: number, outputs: number, inputs: number): Float32Array =>
  new Float32Array(inputs).map((_, row) => matrix[row * outputs + column]!)

/** A column of weights after it was codes: see `columnCodes`. */
function throughWeightCodes(column: Float32Array, bits: WeightBits): Float32Array {
  const scale =
    column.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / (2 ** (bits - 1) - 1) || 1
  return column.map((weight) => roundHalfEven(weight / scale) * scale)
}
