import type { WindowRecord } from './log-window.ts'
import type { Metrics } from './task.ts'

/**
 * One line of `metrics.jsonl`: the means over the steps since the line before. `gradientNorm` is the norm of the whole
 * gradient before clipping, `dataWaitFraction` the fraction of time spent waiting for data, in [0, 1]. In half
 * precision there are also `lossScale`, and `skipped`: the fraction of steps whose gradients overflowed, in [0, 1].
 */
export interface LogRecord extends WindowRecord {
  readonly step: number
  /** Passes over the data so far; not a whole number within a pass. */
  readonly epoch: number
}

export type ValidationRecord = {
  readonly step: number
  readonly epoch: number
  readonly validation: Metrics
}

/** Observer of a run, without influence on it; every method is optional. */
export interface Callback {
  /** Begin of a stage of a progressive run, or of its repeat. Numbers count from 1. */
  onStage?(stage: {
    readonly name: string
    readonly number: number
    readonly count: number
    readonly repeat: number
  }): void
  onStart?(run: { readonly step: number; readonly totalSteps: number }): void
  onStep?(step: number): void
  onLog?(record: LogRecord): void
  onValidation?(record: ValidationRecord): void
  onCheckpoint?(directory: string): void
  /** End of training; also called when it fails. */
  onEnd?(): void
  /** Begin of the measurement of the test set of this name, after training. */
  onTest?(name: string): void
  /** A sentence for people: progress of the run, its problems, its outcome. */
  onNote?(text: string): void
}

/** Pass a note to all callbacks. */
export const noteTo =
  (callbacks: readonly Callback[]) =>
  (text: string): void => {
    for (const callback of callbacks) callback.onNote?.(text)
  }
