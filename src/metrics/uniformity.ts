import { type BlockProducts, blockOf } from './block-products.ts'
import { countRows, multiplyTwoRows, normalizeRows } from './similarity.ts'

/** Rows whose similarities to a block of columns are in memory at one time. */
const rowBlock = 32
/** Columns that stay in cache while the block's rows pass over them. */
const columnBlock = 256

/**
 * Logarithm of the mean e^(−2‖u(i) − u(j)‖²) over all pairs i < j of normalized features, in [−8, 0]; lower is better
 * (Wang & Isola 2020, t = 2). NaN of a single row. Exact: every pair is visited, in blocks, so that memory holds the
 * normalized features and no more; time grows with the square of the rows.
 *
 * @param features [rows, width]; need not be normalized.
 * @throws ShapeError `shape/features` when the length is not a multiple of `width`.
 */
export function uniformity(features: Float32Array, width: number): number {
  const rows = countRows(features, width, 'features')
  const u = normalizeRows(features, width, columnBlock)
  const block = new Float64Array(rowBlock * columnBlock)
  let sum = 0
  for (let first = 0; first < rows; first += rowBlock) {
    const firstColumn = Math.floor(first / columnBlock) * columnBlock
    for (let column = firstColumn; column < rows; column += columnBlock) {
      for (let row = 0; row < rowBlock; row += 2) {
        const start = row * columnBlock - column
        multiplyTwoRows(u, u, width, first + row, column, column + columnBlock, block, start, columnBlock)
      }
      sum += sumOfPotentials(block, first, column, rows)
    }
  }
  return Math.log(sum / ((rows * (rows - 1)) / 2))
}

/**
 * {@link uniformity} of many rows: the same mean over every pair, its products and exponentials in float32, its sums over rows in
 * float64, so that it differs from the other by rounding of about 1e-7. Rows that fit into one block are left to the other.
 *
 * @throws ShapeError `shape/features` as {@link uniformity}.
 */
export async function uniformityByBlocks(
  features: Float32Array,
  width: number,
  products: BlockProducts,
): Promise<number> {
  const rows = countRows(features, width, 'features')
  const { side } = products
  if (rows <= side) return uniformity(features, width)
  const u = normalizeRows(features, width, side)
  let sum = 0
  for (let first = 0; first < rows; first += side) {
    const left = blockOf(u, width, side, first)
    for (let column = first; column < rows; column += side) {
      const weights = Float32Array.from({ length: side }, (_, j) => (column + j < rows ? 1 : 0))
      const found = await products.potentials(left, blockOf(u, width, side, column), weights)
      const part = sumOf(found.subarray(0, Math.min(side, rows - first)))
      sum += column === first ? (part - ownPotentials(left, width)) / 2 : part
    }
  }
  return Math.log(sum / ((rows * (rows - 1)) / 2))
}

/** Potentials of the rows of a block with themselves, 1 but for rounding; rows of zeros, which pad it, have none. */
function ownPotentials(block: Float32Array, width: number): number {
  let sum = 0
  for (let start = 0; start < block.length; start += width) {
    let squares = 0
    for (let k = start; k < start + width; k++) squares += block[k]! * block[k]!
    if (squares !== 0) sum += Math.exp(4 * (squares - 1))
  }
  return sum
}

const sumOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0)

/** Σ e^(−2‖u(i) − u(j)‖²) = Σ e^(4·(u(i)·u(j) − 1)) over the pairs i < j of a block. */
function sumOfPotentials(similarities: Float64Array, first: number, column: number, rows: number): number {
  let sum = 0
  const columns = Math.min(columnBlock, rows - column)
  for (let row = 0; row < Math.min(rowBlock, rows - first); row++) {
    const start = row * columnBlock
    for (let j = Math.max(0, first + row + 1 - column); j < columns; j++)
      sum += Math.exp(4 * (similarities[start + j]! - 1))
  }
  return sum
}
