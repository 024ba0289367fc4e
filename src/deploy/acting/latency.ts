import { performance } from 'node:perf_hooks'

/** Times of the last calls, in milliseconds. */
export interface Latency {
  /** Number of calls since the runtime was loaded. */
  readonly calls: number
  /** Percentiles of the last calls, at most as many as the window holds; undefined before the first call. */
  readonly p50: number | undefined
  readonly p95: number | undefined
  readonly p99: number | undefined
  readonly longest: number | undefined
  /** Time that a call may take; undefined without a budget. */
  readonly budget: number | undefined
  /** Number of those that took longer than the budget. */
  readonly overBudget: number
}

/** Options of the latency of calls. */
export interface LatencyOptions {
  /** Time that a call may take, in milliseconds, such as 20 for a loop of 50 Hz. Default: none. */
  readonly budget?: number | undefined
  /** Number of last calls over which percentiles are taken. Default 1000. */
  readonly window?: number | undefined
  /** Receiver of each call that took longer than the budget. Default: counted only. */
  readonly onOverBudget?:
    | ((call: { readonly milliseconds: number; readonly budget: number }) => void)
    | undefined
}

/** A window over the times of the last calls, in memory of constant size. */
export class LatencyWindow {
  readonly #times: Float64Array
  readonly #options: LatencyOptions
  #calls = 0
  #overBudget = 0

  constructor(options: LatencyOptions = {}) {
    this.#options = options
    this.#times = new Float64Array(options.window ?? 1000)
  }

  /** Add a call that began at a time of `performance.now()`. */
  addSince(start: number): { readonly milliseconds: number; readonly overBudget: boolean } {
    return this.add(performance.now() - start)
  }

  add(milliseconds: number): { readonly milliseconds: number; readonly overBudget: boolean } {
    const { budget, onOverBudget } = this.#options
    this.#times[this.#calls % this.#times.length] = milliseconds
    this.#calls++
    const overBudget = budget !== undefined && milliseconds > budget
    if (overBudget) {
      this.#overBudget++
      onOverBudget?.({ milliseconds, budget })
    }
    return { milliseconds, overBudget }
  }

  get latency(): Latency {
    const sorted = this.#times.slice(0, Math.min(this.#calls, this.#times.length)).sort()
    return {
      calls: this.#calls,
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
      p99: percentile(sorted, 0.99),
      longest: sorted.at(-1),
      budget: this.#options.budget,
      overBudget: this.#overBudget,
    }
  }
}

/** The least time that is not below a fraction of all times (nearest rank). */
const percentile = (sorted: Float64Array, fraction: number): number | undefined =>
  sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)]
