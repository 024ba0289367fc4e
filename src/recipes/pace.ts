import type { Experiment } from './experiment.ts'
import type { RunData } from './run-data.ts'

/** Steps of so many epochs; at least one. */
export const stepsOf = (
  epochs: number,
  { batchSize }: Pick<Experiment, 'batchSize'>,
  { samplesPerEpoch }: Pick<RunData, 'samplesPerEpoch'>,
): number => Math.max(1, Math.floor((epochs * samplesPerEpoch) / batchSize))
