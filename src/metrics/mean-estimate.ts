import { type BootstrapOptions, bootstrap, clusterRows, type Estimate } from './bootstrap.ts'
import { wilson } from './wilson.ts'

/**
 * Mean of per-sample values with its 95 % interval. Where all values are 0 or `right` (wrong or right), it is Wilson's, which is no
 * point even when all samples are wrong; else that of {@link bootstrap}.
 *
 * With clusters, Wilson's is taken of as many independent samples as would know the rate as well:
 *
 *     n / max(1, d),   d = C / (C − 1) · Σ over clusters of (right − rate · size)² / (n · rate · (1 − rate))
 *
 * for n samples in C clusters; where all are wrong or all right, of C samples.
 *
 * Source: Kish, "Survey Sampling" (1965), for d, the design effect; Franco et al., "Comparative Study of Confidence
 * Intervals for Proportions in Complex Sample Surveys" (2019).
 *
 * @param options `right`: value of a right answer, 1 (default), or 100 for rates in percent.
 * @throws DataError `metrics/no-samples` without values; ShapeError and ConfigError as {@link bootstrap}.
 */
export function meanEstimate(
  values: ArrayLike<number>,
  { right = 1, ...options }: BootstrapOptions & { readonly right?: 1 | 100 },
): Estimate {
  const all = Array.from(values)
  const areRight = all.every((value) => value === 0 || value === right)
  if (!areRight || all.length === 0) return bootstrap(values, options)
  const hits = all.map((value) => value / right)
  const rate = hits.reduce((sum, hit) => sum + hit, 0) / hits.length
  const size = effectiveSize(hits, rate, options.clusters)
  const [low, high] = wilson(rate * size, size).interval
  return { value: right * rate, interval: [right * low, right * high] }
}

/** Number of independent samples that know a rate as well as these. */
function effectiveSize(
  hits: readonly number[],
  rate: number,
  clusters: readonly string[] | undefined,
): number {
  const groups = clusters && clusterRows(clusters, hits.length)
  if (!groups || groups.length === hits.length) return hits.length
  if (groups.length === 1 || rate === 0 || rate === 1) return groups.length
  const squares = groups.reduce((sum, rows) => {
    const right = rows.reduce((count, row) => count + hits[row]!, 0)
    return sum + (right - rate * rows.length) ** 2
  }, 0)
  const count = groups.length
  const effect = ((count / (count - 1)) * squares) / (hits.length * rate * (1 - rate))
  return hits.length / Math.max(1, effect)
}
