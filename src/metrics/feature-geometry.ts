import { DataError } from '../core/index.ts'
import { checkLabels } from './labels.ts'
import { countRows, normalizeRows } from './similarity.ts'

export interface FeatureGeometryInput {
  /** [rows, width]; need not be normalized. */
  readonly features: Float32Array
  readonly width: number
  /** The class of each row. */
  readonly labels?: ArrayLike<string | number>
}

/** Spread of normalized features u; NaN where a row is zero or not finite. */
export interface FeatureGeometry {
  /** Mean ‖u(i) − mean u‖², in [0, 1]: 0 when all are one point, 1 when their mean is the origin. */
  readonly diversity: number
  /** Mean ‖u(i) − u(j)‖² over i ≠ j of one class, in [0, 4]; NaN without labels or without two rows of a class. */
  readonly intraClassDistance: number
  /** Mean ‖u(i) − u(j)‖² over i, j of different classes, in [0, 4]; NaN without labels or without two classes. */
  readonly interClassDistance: number
  /** interClassDistance / intraClassDistance; higher is better, 1 when classes say nothing. */
  readonly separability: number
}

/**
 * Diversity of features and separability of their classes. All are exact and in time linear in the rows: means over
 * pairs come from sums within classes. With S(c) = Σ ‖u(i) − mean of c‖² over the n(c) rows of class c,
 *
 *     Σ over i, j of c of ‖u(i) − u(j)‖² = 2·n(c)·S(c)
 *     Σ over i, j of different classes   = 2·Σ (n − n(c))·S(c) + 2·n·Σ n(c)·‖mean of c − mean‖²
 *
 * @throws ShapeError `shape/features` when the length is not a multiple of `width`, `shape/labels` when there is not
 * one label a row.
 * @throws DataError `metrics/no-samples` without rows.
 */
export function featureGeometry({ features, width, labels }: FeatureGeometryInput): FeatureGeometry {
  const rows = countRows(features, width, 'features')
  if (rows === 0)
    throw new DataError('metrics/no-samples', 'the geometry of no features: give at least one row')
  if (labels) checkLabels(labels, rows)
  const u = normalizeRows(features, width)
  const [everything] = clustersOf(u, width, new Array<number>(rows).fill(0))
  // Without labels, pairs or classes the distances are 0 / 0: NaN.
  let [within, between, pairs, others] = [0, 0, 0, 0]
  for (const { count, mean, scatter } of labels ? clustersOf(u, width, labels) : []) {
    within += 2 * count * scatter
    between += 2 * (rows - count) * scatter + 2 * rows * count * squaredDistance(mean, everything!.mean)
    pairs += count * (count - 1)
    others += count * (rows - count)
  }
  const [intraClassDistance, interClassDistance] = [within / pairs, between / others]
  return {
    diversity: everything!.scatter / rows,
    intraClassDistance,
    interClassDistance,
    separability: interClassDistance / intraClassDistance,
  }
}

interface Cluster {
  count: number
  /** [width] */
  readonly mean: Float64Array
  /** Σ ‖u(i) − mean‖² */
  scatter: number
}

/** Clusters of rows with equal labels, in order of appearance. */
function clustersOf(u: Float32Array, width: number, labels: ArrayLike<string | number>): Cluster[] {
  const clusters = new Map<string | number, Cluster>()
  const ofRow = Array.from(labels, (label) => {
    const known = clusters.get(label) ?? { count: 0, mean: new Float64Array(width), scatter: 0 }
    clusters.set(label, known)
    return known
  })
  for (const [row, cluster] of ofRow.entries()) {
    cluster.count++
    for (let k = 0; k < width; k++) cluster.mean[k]! += u[row * width + k]!
  }
  for (const { mean, count } of clusters.values()) for (let k = 0; k < width; k++) mean[k]! /= count
  for (const [row, cluster] of ofRow.entries())
    cluster.scatter += squaredDistance(u.subarray(row * width, (row + 1) * width), cluster.mean)
  return [...clusters.values()]
}

function squaredDistance(a: Float32Array | Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < b.length; k++) sum += (a[k]! - b[k]!) ** 2
  return sum
}
