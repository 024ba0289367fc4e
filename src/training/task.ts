import type { z } from 'zod'
import type { Batch } from '../core/index.ts'
import type { Arena, Precision } from '../engine/index.ts'
import type { Parameter } from '../nn/index.ts'
import type { Communicator } from './communicator.ts'
import type { ModelState } from './model-state.ts'

/** Values by name; nested names make tables: `{ imageToText: { 'R@1': 41.2 } }`. */
export interface Metrics {
  readonly [name: string]: number | Metrics
}

/** The result of a step beside its gradients. */
export interface StepResult {
  /** The mean over the effective batch. */
  readonly loss: number
  /** Further metrics for the log. */
  readonly numbers: Readonly<Record<string, number>>
  /** The loss of each sample in the order of the batch, where it was requested and the task knows it. */
  readonly sampleLosses?: Float32Array
}

/** Options of a step. */
export interface StepRequest {
  /** Return the loss of each sample, too. */
  readonly sampleLosses: boolean
  /** Factor of the loss and so of the gradients: half precision would lose small gradients without it. Default 1. */
  readonly lossScale?: number
  /** Add to the gradients that are there, as the sub-networks of a step do. Default: replace them. */
  readonly accumulate?: boolean
}

/** Memory of a task between steps, beside its parameters: plain data, part of every checkpoint. */
export interface TaskMemory<Memory = unknown> {
  /** Schema of `value` as a checkpoint stores it. */
  readonly schema: z.ZodType<Memory>
  value: Memory
}

/**
 * A model with its loss, all that the trainer needs. `lossTask` and `cachedFeatureTask` make one of a function that
 * builds the loss.
 */
export interface Task<Memory = unknown> {
  readonly name: string
  readonly parameters: ReadonlyMap<string, Parameter>
  /** Precision of matrix products in training; `float16` needs a loss scale. Default `float32`. */
  readonly precision?: Precision
  /** Memory of the task; undefined for a task without memory. */
  readonly memory?: TaskMemory<Memory>

  /**
   * Compute forward and backward of one effective batch, given in micro-batches: write the gradient of the mean loss
   * over all of them, times the loss scale of the request, into `state.gradients`.
   * @param request Default: no losses of samples, no loss scale.
   */
  computeGradients(
    microBatches: readonly Batch[],
    state: ModelState,
    communicator: Communicator,
    request?: StepRequest,
  ): Promise<StepResult>

  /** Reason why a batch teaches nothing, for people; undefined for a batch that teaches. */
  remark?(batch: Batch): string | undefined

  /**
   * Build the graph of a step and its gradients, without computing them, so that its errors show before training.
   * Undefined for a task whose graph cannot be built beforehand.
   */
  check?(microBatches: readonly Batch[]): Promise<void>

  /** Free the memory of programs for these parameters; those that are needed again are compiled again. */
  release?(state: ModelState): void

  /** Metrics of the model with the given values over a data set. */
  evaluate(batches: AsyncIterable<Batch>, values: Arena, state: ModelState): Promise<Metrics>
}
