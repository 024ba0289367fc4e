import type { z } from 'zod'
import type { Batch } from '../core/index.ts'
import type { Arena, Precision } from '../engine/index.ts'
import type { Parameter } from '../nn/index.ts'
import type { Communicator } from './communicator.ts'
import type { ModelState } from './model-state.ts'

/** Numbers by name; nested names make tables: `{ imageToText: { 'R@1': 41.2 } }`. */
export interface Metrics {
  readonly [name: string]: number | Metrics
}

/** The result of a step beside its gradients. */
export interface StepResult {
  /** The mean over the effective batch. */
  readonly loss: number
  /** Further numbers worth a line in the log. */
  readonly numbers: Readonly<Record<string, number>>
  /** The loss of each sample in the order of the batch, if it was asked for and the task knows it. */
  readonly sampleLosses?: Float32Array
}

/** Wishes for a step. */
export interface StepRequest {
  /** Also give the loss of each sample. */
  readonly sampleLosses: boolean
  /** The gradients are multiplied by this, from the loss on: halves hold them where they would vanish. Default 1. */
  readonly lossScale?: number
}

/** Memory of a task from step to step, beside its parameters: plain data, part of every checkpoint. */
export interface TaskMemory<Memory = unknown> {
  /** Accepts what `value` was when a checkpoint was written. */
  readonly schema: z.ZodType<Memory>
  value: Memory
}

/**
 * A model with its loss: all that the trainer knows of either. `lossTask` and
 * `cachedFeatureTask` make one of a function that builds the loss.
 */
export interface Task<Memory = unknown> {
  readonly name: string
  readonly parameters: ReadonlyMap<string, Parameter>
  /** Precision of matrix products in training; `float16` needs a loss scale. Default `float32`. */
  readonly precision?: Precision
  /** Left out by a task that remembers nothing. */
  readonly memory?: TaskMemory<Memory>

  /**
   * Forward and backward of one effective batch, given in micro-batches: writes the gradient of the mean
   * loss over all of them into `state.gradients`, times the loss scale of the request.
   * @param request Default: no losses of samples, no loss scale.
   */
  computeGradients(
    microBatches: readonly Batch[],
    state: ModelState,
    communicator: Communicator,
    request?: StepRequest,
  ): Promise<StepResult>

  /** Metrics of the model with the given values over a data set. */
  evaluate(batches: AsyncIterable<Batch>, values: Arena, state: ModelState): Promise<Metrics>
}
