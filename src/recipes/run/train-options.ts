import type { Callback } from '../../training/index.ts'

/** Options of a run that goes on. */
export interface ResumeOptions extends TrainOptions {
  /**
   * Go on although the training data is not that of the checkpoint; the run says so. Default: refuse it. The run is
   * then no longer the same as one that was never stopped.
   */
  readonly allowChangedData?: boolean
}

/** Options of a run that do not change the training result. */
export interface TrainOptions {
  /** Signal to stop the run after the current step, with a checkpoint, or after the current test. */
  readonly signal?: AbortSignal
  /**
   * Observers of the run. Default: `trainingProgress()`, on standard error. A given list replaces it; `[]` is silent.
   */
  readonly callbacks?: readonly Callback[]
  /**
   * Services that show the run, beside those of the recipe's `log.track`: `mlflow=http://host:5000`, see `trackerOf`. A run that goes on
   * keeps those that it began with. Default: none.
   */
  readonly track?: readonly string[]
}

/** Options of a training within a run, whose trackers are open. */
export interface TrainingOptions extends Omit<ResumeOptions, 'track'> {
  readonly trackers?: readonly Callback[]
}
