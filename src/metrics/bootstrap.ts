import { checkOptions, DataError, type Random, random, ranges, ShapeError } from '../core/index.ts'

/** A number measured on samples, with the interval that holds the true one with 95 % confidence. */
export interface Estimate {
  readonly value: number
  /** NaN at both ends when the value of any resample is NaN. */
  readonly interval: readonly [low: number, high: number]
}

export interface BootstrapOptions {
  /** Seed of the draws: one seed, one interval. */
  readonly seed: number
  /** Number of times that as many samples are drawn again, with replacement. Default 1,000. */
  readonly resamples?: number
  /**
   * Cluster of each sample, such as the image that several captions are of. Samples of one cluster are not independent
   * of each other, and are drawn together. Default: each sample is a cluster of its own.
   */
  readonly clusters?: readonly string[] | undefined
}

/**
 * Mean of per-sample values (0 and 1 for wrong and right), with its bootstrap interval as {@link bootstrapStatistic}.
 *
 * @throws DataError and ConfigError as {@link bootstrapStatistic}.
 */
export function bootstrap(values: ArrayLike<number>, options: BootstrapOptions): Estimate {
  const meanOf = (indices: Int32Array) => {
    let sum = 0
    for (const index of indices) sum += values[index]!
    return sum / indices.length
  }
  return bootstrapStatistic(values.length, meanOf, options)
}

/**
 * A statistic of samples, such as a retrieval metric or F1, with the 95 % interval of the percentile bootstrap: the
 * 2.5 and 97.5 percentiles of the statistic over resamples, each as many samples drawn with replacement. The interval
 * of a single sample is a point, which says that nothing is known.
 *
 * Source: Efron, "Bootstrap Methods: Another Look at the Jackknife" (1979).
 *
 * @param samples Number of samples.
 * @param statistic Function of the indices of the drawn samples; the array is reused. It is first called with every
 * sample once, in order, which gives the value.
 * @throws DataError `metrics/no-samples` without samples.
 * @throws ShapeError `shape/clusters` when there is not one cluster a sample.
 * @throws ConfigError `metrics/option-range` when `resamples` is no whole number of 1 or more.
 */
export function bootstrapStatistic(
  samples: number,
  statistic: (indices: Int32Array) => number,
  { seed, resamples = 1000, clusters }: BootstrapOptions,
): Estimate {
  checkOptions(
    'bootstrap',
    { resamples },
    { resamples: ranges.countFromOne },
    { range: 'metrics/option-range' },
  )
  if (samples === 0)
    throw new DataError('metrics/no-samples', 'an interval needs at least one sample, got none')
  const indices = Int32Array.from({ length: samples }, (_, index) => index)
  const value = statistic(indices)
  const draw = resampling(indices, clusters, random(seed, 'bootstrap'))
  const resampled = Float64Array.from({ length: resamples }, () => statistic(draw())).sort()
  const known = !Number.isNaN(resampled.at(-1)) // NaN is sorted to the end
  const interval = [percentile(resampled, 2.5), percentile(resampled, 97.5)] as const
  return { value, interval: known ? interval : [Number.NaN, Number.NaN] }
}

/** A function that draws as many samples with replacement, or as many clusters, each with all its samples. */
function resampling(
  indices: Int32Array,
  clusters: readonly string[] | undefined,
  stream: Random,
): () => Int32Array {
  const groups = clusters && clusterRows(clusters, indices.length)
  if (groups && groups.length < indices.length)
    return () => Int32Array.from(groups.flatMap(() => groups[stream.integer(groups.length)]!))
  return () => {
    for (let i = 0; i < indices.length; i++) indices[i] = stream.integer(indices.length)
    return indices
  }
}

/** Indices of the samples of each cluster. @throws ShapeError `shape/clusters` when there is not one cluster a sample. */
export function clusterRows(clusters: readonly string[], samples: number): readonly (readonly number[])[] {
  if (clusters.length !== samples) {
    const message = `${samples} samples need ${samples} clusters, one each, not ${clusters.length}`
    throw new ShapeError('shape/clusters', message, { samples, clusters: clusters.length })
  }
  const rows = new Map<string, number[]>()
  for (const [row, cluster] of clusters.entries()) {
    const known = rows.get(cluster)
    if (known) known.push(row)
    else rows.set(cluster, [row])
  }
  return [...rows.values()]
}

/**
 * Mean of a − b over samples that two models have in common, with its bootstrap interval as
 * {@link bootstrapStatistic}. Each resample draws both values of a sample together: an interval that holds 0 shows no
 * difference, however wide the intervals of each model are.
 *
 * @throws ShapeError `shape/pairs` when there are not as many values of both.
 * @throws DataError and ConfigError as {@link bootstrapStatistic}.
 */
export function pairedDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: BootstrapOptions,
): Estimate {
  checkPairs(a.length, b.length)
  return bootstrap(
    Float64Array.from(a, (value, sample) => value - b[sample]!),
    options,
  )
}

/**
 * Refuse values that are not of the same samples.
 * @throws ShapeError `shape/pairs` when their numbers differ.
 */
export function checkPairs(first: number, second: number): void {
  if (first === second) return
  throw new ShapeError(
    'shape/pairs',
    `${first} values against ${second}: two models are compared on the same samples, in the same order`,
    { first, second },
  )
}

/** Value of sorted numbers below which `percent` of them lie, linear between neighbours as NumPy's `percentile`. */
export function percentile(sorted: Float64Array, percent: number): number {
  const place = ((sorted.length - 1) * percent) / 100
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
  return low + (high - low) * (place - Math.floor(place))
}
