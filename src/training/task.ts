import type { Batch } from '../core/index.ts'
import type { Arena } from '../engine/index.ts'
import type { Parameter } from '../nn/index.ts'
import type { Communicator } from './communicator.ts'
import type { ModelState } from './model-state.ts'

/** Numbers by name; nested names make tables: `{ imageToText: { 'R@1': 41.2 } }`. */
export interface Metrics {
  readonly [name: string]: number | Metrics
}

/**
 * What is being learned: a model with its loss. The trainer knows nothing else of either.
 */
export interface Task {
  readonly name: string
  readonly parameters: ReadonlyMap<string, Parameter>

  /**
   * Forward and backward of one effective batch, given in micro-batches: writes the gradient of the mean
   * loss over all of them into `state.gradients`.
   * @returns The loss, and further numbers worth a line in the log.
   */
  computeGradients(
    microBatches: readonly Batch[],
    state: ModelState,
    communicator: Communicator,
  ): Promise<{ readonly loss: number; readonly [name: string]: number }>

  /** Metrics of the model with the given values over a data set. */
  evaluate(batches: AsyncIterable<Batch>, values: Arena, state: ModelState): Promise<Metrics>
}
