import { ShapeError } from '../core/index.ts'

/** Number of queries whose similarities are in memory at one time. */
const queryBlock = 32
/** Gallery rows that stay in cache while the block's queries pass over them. */
const galleryBlock = 256

/**
 * A function that gets the similarities of one query to every gallery item. The array is reused: copy it to keep
 * it.
 */
export type VisitSimilarities = (query: number, similarities: Float64Array) => void

/**
 * Rows of a feature matrix [rows, width].
 * @throws ShapeError `shape/features` when the length is not a multiple of `width`.
 */
export function countRows(features: Float32Array, width: number, name: string): number {
  const rows = features.length / width
  if (width >= 1 && Number.isInteger(rows)) return rows
  throw new ShapeError(
    'shape/features',
    `${name} hold ${features.length} numbers, which is no whole number of rows of width ${width}`,
    { name, length: features.length, width },
  )
}

/**
 * A copy of features [rows, width] with rows of length 1: x / ‖x‖₂. Rows already normalized change by
 * rounding only; a row of zeros, or one that holds NaN or an infinity, becomes NaN.
 *
 * `padding` rows of zeros are appended up to a multiple of it.
 */
export function normalizeRows(features: Float32Array, width: number, padding = 1): Float32Array {
  const rows = Math.ceil(features.length / width / padding) * padding
  const normalized = new Float32Array(rows * width)
  for (let start = 0; start < features.length; start += width) {
    let squares = 0
    for (let i = start; i < start + width; i++) squares += features[i]! * features[i]!
    const scale = 1 / Math.sqrt(squares)
    for (let i = start; i < start + width; i++) normalized[i] = features[i]! * scale
  }
  return normalized
}

/**
 * Cosine similarity of every query [queries, width] to every gallery item [gallery, width], visited query by
 * query: the matrix [queries, gallery] is never whole in memory.
 *
 * Sums run in float64 and in the same order for every pair: identical rows have identical similarities.
 */
export function visitSimilarities(
  queries: Float32Array,
  gallery: Float32Array,
  width: number,
  visit: VisitSimilarities,
): void {
  const queryRows = countRows(queries, width, 'queries')
  const galleryRows = countRows(gallery, width, 'gallery features')
  const left = normalizeRows(queries, width, 2)
  const right = normalizeRows(gallery, width, 4)
  const stride = right.length / width
  const block = new Float64Array(queryBlock * stride)
  for (let first = 0; first < queryRows; first += queryBlock) {
    const last = Math.min(first + queryBlock, left.length / width)
    for (let column = 0; column < stride; column += galleryBlock) {
      const end = Math.min(column + galleryBlock, stride)
      for (let row = first; row < last; row += 2) {
        multiplyTwoRows(left, right, width, row, column, end, block, (row - first) * stride, stride)
      }
    }
    for (let query = first; query < Math.min(last, queryRows); query++) {
      const start = (query - first) * stride
      visit(query, block.subarray(start, start + galleryRows))
    }
  }
}

/**
 * Dot products of two rows of `left` [rows, width], `row` and the next, with the rows [column, end) of `right`, in
 * tiles of 2 × 4 that live in registers: `end − column` is a multiple of 4. That with row j of `right` goes to
 * `out[start + j]`, and for the second row `stride` behind it.
 */
export function multiplyTwoRows(
  left: Float32Array,
  right: Float32Array,
  width: number,
  row: number,
  column: number,
  end: number,
  out: Float64Array,
  start: number,
  stride: number,
): void {
  const a = row * width
  const b = a + width
  for (let j = column; j < end; j += 4) {
    const [c, d, e, f] = [j * width, (j + 1) * width, (j + 2) * width, (j + 3) * width]
    let [ac, ad, ae, af, bc, bd, be, bf] = [0, 0, 0, 0, 0, 0, 0, 0]
    for (let k = 0; k < width; k++) {
      const x = left[a + k]!
      const y = left[b + k]!
      ac += x * right[c + k]!
      ad += x * right[d + k]!
      ae += x * right[e + k]!
      af += x * right[f + k]!
      bc += y * right[c + k]!
      bd += y * right[d + k]!
      be += y * right[e + k]!
      bf += y * right[f + k]!
    }
    const top = start + j
    const bottom = top + stride
    out[top] = ac
    out[top + 1] = ad
    out[top + 2] = ae
    out[top + 3] = af
    out[bottom] = bc
    out[bottom + 1] = bd
    out[bottom + 2] = be
    out[bottom + 3] = bf
  }
}
