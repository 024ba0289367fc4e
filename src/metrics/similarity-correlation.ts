import { ShapeError } from '../core/index.ts'
import { countRows, multiplyTwoRows, normalizeRows } from './similarity.ts'

/** Pairs: row i of the images belongs to row i of the texts. Features need not be normalized. */
export interface SimilarityCorrelationInput {
  /** [pairs, width] */
  readonly imageFeatures: Float32Array
  /** [pairs, width] */
  readonly textFeatures: Float32Array
  readonly width: number
}

/** Rows whose outer products are summed at one time. */
const rowBlock = 256
/** Variance, as a part of the mean square, below which similarities count as all equal: what rounding leaves. */
const leastVariance = 1e-12

/**
 * Pearson correlation, in [−1, 1], of the similarities between images with those between texts, u(i)·u(j) with
 * v(i)·v(j) over all pairs i < j of normalized features: whether two images are as alike as their texts are
 * (representational similarity analysis). NaN where there is nothing to correlate: fewer than three rows, all images
 * or all texts equally similar, a row that is zero or not finite.
 *
 * It is exact, in time linear in the rows and without a matrix of pairs, for sums over all i, j are
 *
 *     Σ u(i)·u(j) = ‖Σ u(i)‖²,   Σ (u(i)·u(j))·(v(i)·v(j)) = ‖UᵀV‖²,   with ‖ ‖ over all elements
 *
 * Source: Kriegeskorte et al., "Representational Similarity Analysis" (2008).
 *
 * @throws ShapeError `shape/features` when a length is not a multiple of `width`, `shape/alignment` when there are not
 * as many images as texts.
 */
export function similarityCorrelation(input: SimilarityCorrelationInput): number {
  const { imageFeatures, textFeatures, width } = input
  const images = countRows(imageFeatures, width, 'image features')
  const texts = countRows(textFeatures, width, 'text features')
  if (images !== texts) {
    const message = `the correlation of similarities needs pairs: got ${images} images and ${texts} texts`
    throw new ShapeError('shape/alignment', message, { images, texts })
  }
  const u = normalizeRows(imageFeatures, width, rowBlock)
  const v = normalizeRows(textFeatures, width, rowBlock)
  const pairs = images * (images - 1)
  const [meanU, meanV] = [meanSimilarity(u, width, pairs), meanSimilarity(v, width, pairs)]
  const [squareU, squareV] = [meanProduct(u, u, width, pairs), meanProduct(v, v, width, pairs)]
  const [varianceU, varianceV] = [squareU - meanU ** 2, squareV - meanV ** 2]
  if (varianceU <= leastVariance * squareU || varianceV <= leastVariance * squareV) return Number.NaN
  return (meanProduct(u, v, width, pairs) - meanU * meanV) / Math.sqrt(varianceU * varianceV)
}

/** Mean of u(i)·u(j) over the pairs i ≠ j. */
function meanSimilarity(u: Float32Array, width: number, pairs: number): number {
  const sum = new Float64Array(width)
  for (let start = 0; start < u.length; start += width)
    for (let k = 0; k < width; k++) sum[k]! += u[start + k]!
  return (sumOfSquares(sum) - sumOfSquares(u)) / pairs
}

/** Mean of (u(i)·u(j))·(v(i)·v(j)) over the pairs i ≠ j. */
function meanProduct(u: Float32Array, v: Float32Array, width: number, pairs: number): number {
  let diagonal = 0
  for (let start = 0; start < u.length; start += width)
    diagonal +=
      sumOfSquares(u.subarray(start, start + width)) * sumOfSquares(v.subarray(start, start + width))
  return (sumOfSquares(crossProduct(u, v, width)) - diagonal) / pairs
}

/** UᵀV, [width, width], padded by zeros: u and v are [rows, width] with a multiple of {@link rowBlock} as rows. */
function crossProduct(u: Float32Array, v: Float32Array, width: number): Float64Array {
  const size = Math.ceil(width / 4) * 4
  const [left, right] = [new Float32Array(size * rowBlock), new Float32Array(size * rowBlock)]
  const product = new Float64Array(size * size)
  const part = new Float64Array(2 * size)
  for (let start = 0; start < u.length; start += rowBlock * width) {
    transpose(u, start, width, left)
    transpose(v, start, width, right)
    for (let row = 0; row < size; row += 2) {
      multiplyTwoRows(left, right, rowBlock, row, 0, size, part, 0, size)
      for (let k = 0; k < part.length; k++) product[row * size + k]! += part[k]!
    }
  }
  return product
}

/** A block of rows [rowBlock, width] from `start` on, as [width, rowBlock]. */
function transpose(features: Float32Array, start: number, width: number, out: Float32Array): void {
  for (let row = 0; row < rowBlock; row++)
    for (let k = 0; k < width; k++) out[k * rowBlock + row] = features[start + row * width + k]!
}

function sumOfSquares(values: Float32Array | Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return sum
}
