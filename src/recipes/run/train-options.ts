import type { Callback } from '../../training/index.ts'

/** Options of a run that do not change the training result. */
export interface TrainOptions {
  /** Signal to stop the run after the current step, with a checkpoint, or after the current test. */
  readonly signal?: AbortSignal
  /**
   * Observers of the run. Default: `trainingProgress()`, on standard error. A given list replaces it; `[]` is silent.
   */
  readonly callbacks?: readonly Callback[]
}
