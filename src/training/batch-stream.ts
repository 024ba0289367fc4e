import type { Batch } from '../core/index.ts'
import type { Metrics } from './task.ts'

/** An endless stream of training batches that can be taken up again where it stood. */
export interface BatchStream extends AsyncIterable<Batch> {
  /** Place at which the batch after the last one handed out begins, feedback included; plain data. */
  readonly position: unknown
  /** Left out by a stream that does not adapt to the training. */
  readonly feedback?: Feedback
  close(): Promise<void>
}

/**
 * News for a stream that chooses its samples by how the training goes. It is told after the step or validation and
 * before the next batch is asked for. What follows from it is a function of the batches handed out
 * and of what was told, not of time: a stream that plans ahead lets it count from the first batch not yet planned.
 */
export interface Feedback {
  /** Numbers of the batch handed out last, for the log: its stage, its difficulty. */
  readonly numbers: Readonly<Record<string, number>>
  /**
   * After every step, the loss of each sample of the batch handed out last. A stream without this method costs the
   * task nothing.
   */
  readonly onSampleLosses?: (losses: Float32Array) => void
  /** After every validation. */
  readonly onValidation?: (metrics: Metrics) => void
}
