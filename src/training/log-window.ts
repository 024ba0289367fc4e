import type { LogWindowState } from '../core/index.ts'

/** Metrics of one step. */
export interface StepNumbers {
  readonly loss: number
  readonly learningRate: number
  /** Norm of the gradient; undefined where gradients overflowed. */
  readonly gradientNorm?: number
  readonly [name: string]: number | undefined
}

/** Means of the steps' metrics over a window, with its rates. */
export interface WindowRecord extends StepNumbers {
  readonly samplesPerSecond: number
  readonly dataWaitFraction: number
}

const emptyWindow: LogWindowState = { steps: 0, samples: 0, seconds: 0, waitSeconds: 0, values: {} }

/** Collector of the steps between two lines of the log: means of metrics, samples, time, time spent waiting. */
export class LogWindow {
  readonly #start = performance.now()
  readonly #values: Map<string, { sum: number; count: number }>
  /** Milliseconds of training before a checkpoint, after which this window goes on. */
  readonly #before: number
  #excluded = 0
  #waited: number
  #samples: number
  #steps: number

  /** @param state Window of an earlier part of the run; its clock goes on from now. Default: an empty window. */
  constructor({ steps, samples, seconds, waitSeconds, values }: LogWindowState = emptyWindow) {
    this.#steps = steps
    this.#samples = samples
    this.#before = 1000 * seconds
    this.#waited = 1000 * waitSeconds
    this.#values = new Map(Object.entries(values))
  }

  /** The window as plain data, for a checkpoint; undefined without steps. */
  get state(): LogWindowState | undefined {
    if (this.#steps === 0) return undefined
    const { seconds, waitSeconds } = this
    const values = Object.fromEntries(this.#values)
    return { steps: this.#steps, samples: this.#samples, seconds, waitSeconds, values }
  }

  /** Seconds since the window was opened, without excluded time. */
  get seconds(): number {
    return (this.#before + performance.now() - this.#start - this.#excluded) / 1000
  }

  get waitSeconds(): number {
    return this.#waited / 1000
  }

  /** Wait for data, and add the time to the waiting time. */
  async waitFor<T>(data: Promise<T>): Promise<T> {
    const start = performance.now()
    const value = await data
    this.#waited += performance.now() - start
    return value
  }

  /** Wait for work that is not training. */
  async exclude<T>(work: Promise<T>): Promise<T> {
    const start = performance.now()
    const value = await work
    this.#excluded += performance.now() - start
    return value
  }

  add(samples: number, numbers: StepNumbers): void {
    this.#steps++
    this.#samples += samples
    for (const [name, value] of Object.entries(numbers)) {
      if (value === undefined) continue
      const { sum, count } = this.#values.get(name) ?? { sum: 0, count: 0 }
      this.#values.set(name, { sum: sum + value, count: count + 1 })
    }
  }

  /** The record of the steps, each metric averaged over the steps that had it; undefined without steps. */
  record(): WindowRecord | undefined {
    if (this.#steps === 0) return undefined
    const means = Object.fromEntries(
      Array.from(this.#values, ([name, { sum, count }]) => [name, sum / count] as const),
    )
    const { seconds, waitSeconds } = this
    const rates = { samplesPerSecond: this.#samples / seconds, dataWaitFraction: waitSeconds / seconds }
    return { ...(means as unknown as StepNumbers), ...rates }
  }
}
