import type { Experiment } from './experiment.ts'
import type { RunData } from './run-data.ts'

/** Less than this part of a step is rounding: 0.07 epochs of 100 samples in batches of 1 are 7.000000000000001 steps. */
const rounding = 1e-6

/**
 * Steps of so many epochs, at least one. Batches run on from one pass into the next, so none but the last need be filled
 * up: with the first samples of the pass that would follow, so that no sample of those asked for is left out.
 */
export const stepsOf = (
  epochs: number,
  { batchSize }: Pick<Experiment, 'batchSize'>,
  { samplesPerEpoch }: Pick<RunData, 'samplesPerEpoch'>,
): number => Math.max(1, Math.ceil((epochs * samplesPerEpoch) / batchSize - rounding))
