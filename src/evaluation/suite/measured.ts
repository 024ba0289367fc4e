/** A number that an evaluator measured. */
export interface Measured {
  readonly value: number
  /** Interval that holds the true value with 95 % confidence; absent for numbers that have none, such as a count. */
  readonly interval?: readonly [low: number, high: number]
  /** Direction in which it gets better; absent for a description that is neither good nor bad. */
  readonly better?: 'max' | 'min'
  /** Number of samples, or of trials, that it was measured on. */
  readonly count: number
}

/** Values of each sample, for intervals and for the comparison of two models on the same samples. */
export interface SampleValues {
  /** Ids of the samples, in the order of the values; a comparison pairs equal ids. */
  readonly ids: readonly string[]
  /** Values whose mean is the metric: 0 or 1 for right and wrong, else any number. */
  readonly values: readonly number[]
}
