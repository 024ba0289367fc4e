import { meanEstimate } from '../../metrics/index.ts'

/** A number that an evaluator measured. */
export interface Measured {
  readonly value: number
  /** Interval that holds the true value with 95 % confidence; absent for numbers that have none, such as a count. */
  readonly interval?: readonly [low: number, high: number]
  /** Direction in which it gets better; absent for a description that is neither good nor bad. */
  readonly better?: 'max' | 'min'
  /**
   * Unit where the last name of its path does not tell it: `fraction` is a part of a whole in [0, 1], `points` the difference of
   * two of these in [−1, 1]. Both are shown in percent.
   */
  readonly unit?: 'fraction' | 'points'
  /** Number of samples, or of trials, that it was measured on. */
  readonly count: number
}

/** Values of each sample, for intervals and for the comparison of two models on the same samples. */
export interface SampleValues {
  /** Ids of the samples, in the order of the values; a comparison pairs equal ids. */
  readonly ids: readonly string[]
  /** Values whose mean is the metric: 0 or 1 for right and wrong, else any number. */
  readonly values: readonly number[]
  /** Cluster of each sample, where samples are not independent: see `Subject.clusters`. Absent: each is alone. */
  readonly clusters?: readonly string[] | undefined
}

/**
 * The mean of samples' values as a measured number, with the interval of `meanEstimate`: the one place where evaluators choose
 * between Wilson's and the bootstrap's.
 * @param seed Seed of the bootstrap.
 * @param right Value of a right answer: 1, or 100 for rates in percent.
 */
export function meanMeasured(
  { values, clusters }: Pick<SampleValues, 'values' | 'clusters'>,
  seed: number,
  right: 1 | 100 = 1,
): Measured {
  const { value, interval } = meanEstimate(values, { seed, clusters, right })
  return { value, interval, better: 'max', count: values.length }
}
