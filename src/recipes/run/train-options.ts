import type { Callback } from '../../training/index.ts'

/** What may accompany a run without changing what is learned. */
export interface TrainOptions {
  /** When it fires, the run stops after the current step with a checkpoint, or after the current test. */
  readonly signal?: AbortSignal
  /** Who watches. Default: `trainingProgress()`, on standard error. Those given stand in its place; `[]` is silence. */
  readonly callbacks?: readonly Callback[]
}
