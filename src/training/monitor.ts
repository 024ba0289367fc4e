import type { MonitorState } from '../core/index.ts'
import { metricAt } from './metric-paths.ts'
import type { Metrics } from './task.ts'

export interface MonitorOptions {
  /** Path of the metric in the validation's result, e.g. `imageToText.R@1`. */
  readonly metric: string
  /** Direction of improvement: `max` where larger is better, `min` where smaller is. Default `max`. */
  readonly direction?: 'max' | 'min'
  /** Stop after this many validations without a better one. Default: never. */
  readonly patience?: number
  /** Stop as soon as the metric is this good. Default: never. */
  readonly target?: number
}

/** Observer of one validation metric: knows the best step, and the step at which to stop early. */
export class Monitor {
  state: MonitorState = { validationsSinceBest: 0 }
  readonly #options: MonitorOptions
  /** 1 where larger is better, −1 where smaller is. */
  readonly #sign: 1 | -1

  constructor(options: MonitorOptions) {
    this.#options = options
    this.#sign = options.direction === 'min' ? -1 : 1
  }

  /**
   * Compare a validation with the best so far. Of equal ones the later is the best, since it has learned from more
   * samples and at a lower rate: a small gallery has few distinct values, and the run would otherwise keep a checkpoint
   * from its middle. An equal validation does not reset patience.
   * @returns True when this validation is the best so far.
   */
  observe(step: number, metrics: Metrics): boolean {
    const value = metricAt(metrics, this.#options.metric)
    const { best, validationsSinceBest } = this.state
    const isBetter = best === undefined || this.#sign * value > this.#sign * best.value
    const isBest = isBetter || value === best.value
    this.state = {
      best: isBest ? { step, value } : best,
      validationsSinceBest: isBetter ? 0 : validationsSinceBest + 1,
    }
    return isBest
  }

  get exhausted(): boolean {
    const { patience = Number.POSITIVE_INFINITY, target } = this.#options
    const { best, validationsSinceBest } = this.state
    const isReached =
      best !== undefined && target !== undefined && this.#sign * best.value >= this.#sign * target
    return isReached || validationsSinceBest >= patience
  }
}
