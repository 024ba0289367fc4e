import { metricAt } from './metric-paths.ts'
import type { Metrics } from './task.ts'

export interface MonitorOptions {
  /** Path of the metric in the validation's result, e.g. `imageToText.R@1`. */
  readonly metric: string
  /** Whether larger is better. Default `max`. */
  readonly mode?: 'max' | 'min'
  /** Stop after this many validations without a better one. Default: never. */
  readonly patience?: number
  /** Stop as soon as the metric is this good. Default: never. */
  readonly target?: number
}

/** What the monitor remembers; part of every checkpoint. */
export interface MonitorState {
  readonly best?: { readonly step: number; readonly value: number }
  readonly validationsSinceBest: number
}

/** Watches one validation metric: knows the best step, and when to stop early. */
export class Monitor {
  state: MonitorState = { validationsSinceBest: 0 }
  readonly #options: MonitorOptions

  constructor(options: MonitorOptions) {
    this.#options = options
  }

  /** @returns Whether this validation is the best so far. */
  observe(step: number, metrics: Metrics): boolean {
    const value = metricAt(metrics, this.#options.metric)
    const { best, validationsSinceBest } = this.state
    const sign = this.#options.mode === 'min' ? -1 : 1
    if (best && !(sign * value > sign * best.value)) {
      this.state = { best, validationsSinceBest: validationsSinceBest + 1 }
      return false
    }
    this.state = { best: { step, value }, validationsSinceBest: 0 }
    return true
  }

  get exhausted(): boolean {
    const { patience = Number.POSITIVE_INFINITY, target, mode } = this.#options
    const { best, validationsSinceBest } = this.state
    const sign = mode === 'min' ? -1 : 1
    const isReached = best !== undefined && target !== undefined && sign * best.value >= sign * target
    return isReached || validationsSinceBest >= patience
  }
}
