import { DataError, ShapeError } from '../core/index.ts'
import { countRows, visitSimilarities } from './similarity.ts'

/**
 * Ranks of correct items when queries search a gallery. Recall R@k is the percentage (0–100) of queries with a
 * correct item among the first k; MedR and MeanR are the median and mean rank of the first correct item,
 * from 1.
 */
export type RetrievalMetrics = {
  readonly 'R@1': number
  readonly 'R@5': number
  readonly 'R@10': number
  readonly MedR: number
  readonly MeanR: number
}

/** Queries against a gallery, compared by cosine similarity. Features need not be normalized. */
export interface RetrievalInput {
  /** [queries, width] */
  readonly queries: Float32Array
  /** [gallery, width] */
  readonly gallery: Float32Array
  readonly width: number
  /** Gallery rows that are correct for each query: one or more, of which the best rank counts. */
  readonly relevant: readonly (readonly number[])[]
}

/**
 * Retrieval metrics over the whole gallery; ranks as in {@link retrievalRanks}.
 *
 * @throws DataError `metrics/no-queries` when there is nothing to measure, and as {@link retrievalRanks}.
 */
export const retrieval = (input: RetrievalInput): RetrievalMetrics => rankMetrics(retrievalRanks(input))

/** Metrics of ranks from 1, one a query. @throws DataError `metrics/no-queries`. */
export function rankMetrics(ranks: Int32Array): RetrievalMetrics {
  if (ranks.length === 0)
    throw new DataError('metrics/no-queries', 'retrieval needs at least one query, got none')
  const sorted = ranks.toSorted()
  const middle = (sorted.length - 1) / 2
  const recall = (k: number) => (100 * ranks.filter((rank) => rank <= k).length) / ranks.length
  return {
    'R@1': recall(1),
    'R@5': recall(5),
    'R@10': recall(largestRecall),
    MedR: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    MeanR: ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length,
  }
}

/** The largest k of a recall R@k. */
const largestRecall = 10

/**
 * The rank of each query's first correct item, from 1:
 *
 *     rank = 1 + |{ j wrong : not s(j) < max over correct i of s(i) }|
 *
 * A tie or a NaN counts as wrong: a wrong item with a NaN similarity is ahead. A query whose correct items are all
 * NaN is missed, and has the rank max(gallery, 10) + 1, behind the whole gallery and every k of a recall, so that
 * no recall counts it, whatever the gallery, and the mean rank stays finite. A model that maps everything to one
 * point ranks last instead of first, and one that maps everything to NaN finds nothing.
 *
 * @throws ShapeError `shape/relevant` when `relevant` has not one entry a query, `shape/features` when lengths
 * do not fit `width`.
 * @throws DataError `metrics/no-relevant-item` when a query has no correct item in the gallery.
 */
export const retrievalRanks = (input: RetrievalInput): Int32Array => rankQueries(input).ranks

/** Place of the right answer to each query, and how far it is from it. */
export interface RankedQueries {
  /** Ranks as of {@link retrievalRanks}. */
  readonly ranks: Int32Array
  /**
   * Cosine of the best wrong item less that of the best correct one: above 0 for a mistake, and the larger, the surer; NaN
   * where one of them is not a number, −∞ without wrong items.
   */
  readonly margins: Float64Array
}

/** Ranks of each query's first correct item, and margins. @throws Errors of {@link retrievalRanks}. */
export function rankQueries({ queries, gallery, width, relevant }: RetrievalInput): RankedQueries {
  const galleryRows = countRows(gallery, width, 'gallery features')
  checkRelevant(relevant, countRows(queries, width, 'queries'), galleryRows)
  const ranks = new Int32Array(relevant.length)
  const margins = new Float64Array(relevant.length)
  visitSimilarities(queries, gallery, width, (query, similarities) => {
    const correct = new Set(relevant[query])
    const best = bestOf(similarities, correct)
    ranks[query] = rankOf(best, similarities, correct)
    margins[query] = bestOfOthers(similarities, correct) - best
  })
  return { ranks, margins }
}

/** The largest similarity of some items, NaN where all are NaN. */
export function bestOf(similarities: ArrayLike<number>, correct: Iterable<number>): number {
  let best = Number.NaN
  for (const index of correct) {
    if (Number.isNaN(best) || similarities[index]! > best) best = similarities[index]!
  }
  return best
}

function bestOfOthers(similarities: Float64Array, correct: ReadonlySet<number>): number {
  let best = Number.NEGATIVE_INFINITY
  for (const [index, similarity] of similarities.entries()) {
    if (!correct.has(index)) best = Math.max(best, similarity)
  }
  return best
}

/** Rank of a query that finds nothing, behind its gallery and every recall. */
export const missedRank = (gallery: number): number => Math.max(gallery, largestRecall) + 1

function rankOf(best: number, similarities: Float64Array, correct: ReadonlySet<number>): number {
  if (Number.isNaN(best)) return missedRank(similarities.length)
  let ahead = 0
  for (let j = 0; j < similarities.length; j++) if (!(similarities[j]! < best)) ahead++
  for (const index of correct) if (!(similarities[index]! < best)) ahead--
  return 1 + ahead
}

/** Refuse queries without correct items. @throws Errors of {@link retrievalRanks}. */
export function checkRelevant(
  relevant: readonly (readonly number[])[],
  queries: number,
  gallery: number,
): void {
  if (relevant.length !== queries) {
    throw new ShapeError(
      'shape/relevant',
      `${queries} queries need ${queries} entries in relevant, not ${relevant.length}`,
      {
        queries,
        relevant: relevant.length,
      },
    )
  }
  for (const [query, items] of relevant.entries()) {
    const bad = items.find((item) => !(Number.isInteger(item) && item >= 0 && item < gallery))
    if (items.length > 0 && bad === undefined) continue
    throw new DataError(
      'metrics/no-relevant-item',
      bad === undefined
        ? `query ${query} has no correct item in the gallery; leave it out or add its item`
        : `query ${query} names gallery row ${bad} as correct, but the gallery has rows 0 to ${gallery - 1}`,
      { query, gallery, item: bad },
    )
  }
}
