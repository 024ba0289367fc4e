import type { WindowRecord } from './log-window.ts'
import type { Metrics } from './task.ts'

/**
 * One line of `metrics.jsonl`: the means over the steps since the line before. `gradientNorm` is that of the
 * whole gradient before clipping, `dataWaitFraction` the part of the time spent waiting for data, in [0, 1]. In half
 * precision there are also `lossScale`, and `skipped`: the part of the steps whose gradients overflowed, in [0, 1].
 */
export interface LogRecord extends WindowRecord {
  readonly step: number
  /** Passes over the data so far, with fraction. */
  readonly epoch: number
}

export type ValidationRecord = {
  readonly step: number
  readonly epoch: number
  readonly validation: Metrics
}

/** Watches a run and changes nothing of it; every method is optional. */
export interface Callback {
  /** A stage of a progressive run begins, or is repeated. Numbers count from 1. */
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
  /** Training ends; also called when it fails. */
  onEnd?(): void
  /** A test set of this name is about to be measured, after training. */
  onTest?(name: string): void
  /** A sentence for people: where the run is, what is odd about it, how it went. */
  onNote?(text: string): void
}

/** Tells all of them. */
export const noteTo =
  (callbacks: readonly Callback[]) =>
  (text: string): void => {
    for (const callback of callbacks) callback.onNote?.(text)
  }
