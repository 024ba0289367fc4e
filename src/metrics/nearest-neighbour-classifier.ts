import { checkOptions, DataError, ranges } from '../core/index.ts'
import { checkLabels } from './labels.ts'
import type { LabelledFeatures } from './linear-probe.ts'
import { nearestOf } from './nearest.ts'
import { countRows, visitSimilarities } from './similarity.ts'

/** The gallery is `features` with their `labels`. */
export interface NearestNeighbourInput extends LabelledFeatures {
  /** [queries, width] */
  readonly queries: Float32Array
  readonly width: number
  readonly classes: number
  /** Number of neighbours that vote; all where the gallery is smaller. Default 20. */
  readonly k?: number
  /** T, above 0: a vote weighs e^(cosine / T). Default 0.07. */
  readonly temperature?: number
}

/**
 * Scores of queries by their nearest neighbours in a labelled gallery, [queries, classes], for `classification`: each
 * of the k gallery rows with the highest cosine votes for its class with the weight e^(cosine / T). Votes are
 * divided by their sum, so that they are fractions in [0, 1]; e^(−cosine of the nearest / T), which cancels, keeps
 * them finite. Features need not be normalized.
 *
 * Equally near rows vote in the order of the gallery, and of classes with equal votes `classification` predicts the
 * one with the lower index. A gallery row that is zero or not finite has no vote; a query that is, or that no row can
 * vote on, is a row of NaN, which is never right.
 *
 * Source: Wu et al., "Unsupervised Feature Learning via Non-Parametric Instance Discrimination" (2018), as in DINO
 * (Caron et al. 2021).
 *
 * @throws ShapeError `shape/features`, `shape/labels` when lengths do not fit or a label is out of range.
 * @throws DataError `metrics/no-samples` for an empty gallery.
 * @throws ConfigError `metrics/option-range`
 */
export function nearestNeighbourClassifier(input: NearestNeighbourInput): Float32Array {
  const { features, labels, queries, width, classes, k = 20, temperature = 0.07 } = input
  checkOptions('nearestNeighbourClassifier', input, optionRanges, { range: 'metrics/option-range' })
  const rows = countRows(features, width, 'gallery features')
  checkLabels(labels, rows, classes)
  if (rows === 0)
    throw new DataError('metrics/no-samples', 'nearest neighbours need a gallery of at least one row')
  const scores = new Float32Array(countRows(queries, width, 'queries') * classes)
  visitSimilarities(queries, features, width, (query, similarities) => {
    const votes = new Float64Array(classes)
    const neighbours = nearestOf(similarities, k).filter(({ similarity }) => !Number.isNaN(similarity))
    const highest = neighbours[0]?.similarity ?? Number.NaN
    let sum = 0
    for (const { index, similarity } of neighbours) {
      const weight = Math.exp((similarity - highest) / temperature)
      votes[labels[index]!]! += weight
      sum += weight
    }
    scores.set(
      votes.map((vote) => vote / sum), // 0 / 0 without neighbours
      query * classes,
    )
  })
  return scores
}

const optionRanges = {
  k: ranges.countFromOne,
  temperature: { words: 'a number > 0', holds: (x: unknown) => Number.isFinite(x) && (x as number) > 0 },
}
