import type { Batch } from '../core/index.ts'
import type { Metrics } from './task.ts'

/** An endless stream of training batches that can be resumed at any batch. */
export interface BatchStream extends AsyncIterable<Batch> {
  /** Position of the batch after the last one handed out, feedback included; plain data. */
  readonly position: unknown
  /** Feedback from the training; undefined for a stream that does not adapt to it. */
  readonly feedback?: Feedback
  close(): Promise<void>
}

/**
 * Feedback for a stream that adapts its choice of samples to the training. It arrives after the step or validation and
 * before the next batch is requested. Its effect is a function of the batches handed out and of the feedback, not of
 * time: a stream that plans ahead lets it count from the first batch not yet planned.
 */
export interface Feedback {
  /** Metrics of the batch handed out last, for the log: its stage, its difficulty. */
  readonly numbers: Readonly<Record<string, number>>
  /**
   * Receive the loss of each sample of the batch handed out last, after every step. A stream without this method costs
   * the task nothing.
   */
  readonly onSampleLosses?: (losses: Float32Array) => void
  /** Receive the metrics of every validation. */
  readonly onValidation?: (metrics: Metrics) => void
}
