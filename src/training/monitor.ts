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
  /** Validations without a better one. */
  readonly validationsSinceBest: number
}

/** Watches one validation metric: knows the best step, and when to stop early. */
export class Monitor {
  state: MonitorState = { validationsSinceBest: 0 }
  readonly #options: MonitorOptions

  constructor(options: MonitorOptions) {
    this.#options = options
  }

  /**
   * Among equals the later one is the best, since it has learned from more and at a lower rate: a small gallery knows few
   * values, and a run would else keep its middle. It is no better one, so that patience goes on.
   * @returns Whether this validation is the best so far.
   */
  observe(step: number, metrics: Metrics): boolean {
    const value = metricAt(metrics, this.#options.metric)
    const { best, validationsSinceBest } = this.state
    const sign = this.#options.mode === 'min' ? -1 : 1
    const isBetter = best === undefined || sign * value > sign * best.value
    const isBest = isBetter || value === best.value
    this.state = {
      best: isBest ? { step, value } : best,
      validationsSinceBest: isBetter ? 0 : validationsSinceBest + 1,
    }
    return isBest
  }

  get exhausted(): boolean {
    const { patience = Number.POSITIVE_INFINITY, target, mode } = this.#options
    const { best, validationsSinceBest } = this.state
    const sign = mode === 'min' ? -1 : 1
    const isReached = best !== undefined && target !== undefined && sign * best.value >= sign * target
    return isReached || validationsSinceBest >= patience
  }
}
