import { type BlockProducts, blockOf } from './block-products.ts'
import {
  bestOf,
  checkRelevant,
  missedRank,
  type RankedQueries,
  type RetrievalInput,
  rankQueries,
} from './retrieval.ts'
import { countRows, normalizeRows } from './similarity.ts'

/** A query on its way through the gallery. */
interface Search {
  readonly query: number
  /** Similarity of its best correct item. */
  readonly best: number
  readonly correct: ReadonlySet<number>
  /** Number of wrong items that are not less similar than `best`. */
  ahead: number
  /** The largest similarity of a wrong item so far; NaN once one is NaN. */
  top: number
}

/**
 * Ranks and margins of `rankQueries`, the very same numbers, of large galleries: products in float32 decide where they are
 * clear, and what lies nearer to a border than their rounding can reach, width·2⁻²⁴ for unit vectors, is summed again in float64.
 * So time is that of the products, and memory that of the features and of one block. Queries and a gallery that fit into one
 * block are left to `rankQueries`.
 *
 * @throws Errors of `rankQueries`.
 */
export async function rankQueriesByBlocks(
  input: RetrievalInput,
  products: BlockProducts,
): Promise<RankedQueries> {
  const { width, relevant } = input
  const { side } = products
  const [queries, gallery] = [
    countRows(input.queries, width, 'queries'),
    countRows(input.gallery, width, 'gallery features'),
  ]
  checkRelevant(relevant, queries, gallery)
  if (Math.max(queries, gallery) <= side) return rankQueries(input)
  const left = normalizeRows(input.queries, width, side)
  const right = normalizeRows(input.gallery, width, side)
  const similarity = (query: number, item: number) => dotRows(left, right, width, query, item)
  const ranks = new Int32Array(queries).fill(missedRank(gallery))
  const margins = new Float64Array(queries).fill(Number.NaN)
  for (let first = 0; first < queries; first += side) {
    const searches = searchesOf(relevant, first, Math.min(first + side, queries), similarity)
    for (let column = 0; column < gallery; column += side) {
      const found = await products.similarities(
        blockOf(left, width, side, first),
        blockOf(right, width, side, column),
      )
      for (const search of searches) {
        const start = (search.query - first) * side
        const row = found.subarray(start, start + Math.min(side, gallery - column))
        searchRow(search, row, column, width, similarity)
      }
    }
    for (const { query, best, ahead, top } of searches) {
      ranks[query] = 1 + ahead
      margins[query] = top - best
    }
  }
  return { ranks, margins }
}

type Similarity = (query: number, item: number) => number

/** Searches of the queries that can find something: those whose correct items are not all NaN. */
function searchesOf(
  relevant: RetrievalInput['relevant'],
  first: number,
  end: number,
  similarity: Similarity,
): Search[] {
  const queries = Array.from({ length: end - first }, (_, i) => first + i)
  return queries.flatMap((query): Search[] => {
    const correct = new Set(relevant[query])
    const items = [...correct]
    const best = bestOf(
      items.map((item) => similarity(query, item)),
      items.keys(),
    )
    return Number.isNaN(best) ? [] : [{ query, best, correct, ahead: 0, top: Number.NEGATIVE_INFINITY }]
  })
}

/** Count the items of a block that are ahead, from `column` of the gallery on. */
function searchRow(
  search: Search,
  similarities: Float32Array,
  column: number,
  width: number,
  similarity: Similarity,
): void {
  const { query, best, correct } = search
  const slack = 1.01 * width * 2 ** -24 // γ = K·u of sums of K products with Σ|x·y| ≤ 1, in any order
  // Beneath the floor an item is neither ahead nor the best wrong one; NaN is beneath nothing.
  const floorOf = (top: number) => (Number.isNaN(top) ? best : Math.min(best, top)) - slack
  const ceilingOf = (top: number) => (Number.isNaN(top) ? Number.POSITIVE_INFINITY : top - slack)
  let [floor, ceiling] = [floorOf(search.top), ceilingOf(search.top)]
  for (let j = 0; j < similarities.length; j++) {
    const near = similarities[j]!
    if (near < floor || correct.has(column + j)) continue
    if (near > best + slack && near < ceiling) {
      search.ahead++
      continue
    }
    const exact = similarity(query, column + j)
    if (!(exact < best)) search.ahead++
    search.top = Math.max(search.top, exact)
    floor = floorOf(search.top)
    ceiling = ceilingOf(search.top)
  }
}

/** u(row)·v(column), summed in float64 in the order of `visitSimilarities`. */
function dotRows(
  left: Float32Array,
  right: Float32Array,
  width: number,
  row: number,
  column: number,
): number {
  const [a, b] = [row * width, column * width]
  let sum = 0
  for (let k = 0; k < width; k++) sum += left[a + k]! * right[b + k]!
  return sum
}
