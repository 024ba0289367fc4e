/** The numbers of one step. */
export interface StepNumbers {
  readonly loss: number
  readonly learningRate: number
  readonly gradientNorm: number
  readonly [name: string]: number
}

/** Their means over a window, with its rates. */
export interface WindowRecord extends StepNumbers {
  readonly samplesPerSecond: number
  readonly dataWaitFraction: number
}

/** Collects what happens between two lines of the log: means of numbers, samples, time, time spent waiting. */
export class LogWindow {
  readonly #start = performance.now()
  readonly #sums: Record<string, number> = {}
  #excluded = 0
  #waited = 0
  #samples = 0
  #steps = 0

  /** Seconds since the window was opened, without those excluded. */
  get seconds(): number {
    return (performance.now() - this.#start - this.#excluded) / 1000
  }

  get waitSeconds(): number {
    return this.#waited / 1000
  }

  /** Wait for data, and remember how long. */
  async waitFor<T>(data: Promise<T>): Promise<T> {
    const start = performance.now()
    const value = await data
    this.#waited += performance.now() - start
    return value
  }

  /** Wait for something that is not training. */
  async exclude<T>(work: Promise<T>): Promise<T> {
    const start = performance.now()
    const value = await work
    this.#excluded += performance.now() - start
    return value
  }

  add(samples: number, numbers: StepNumbers): void {
    this.#steps++
    this.#samples += samples
    for (const [name, value] of Object.entries(numbers)) this.#sums[name] = (this.#sums[name] ?? 0) + value
  }

  /** The record of the steps; undefined when there were none. */
  record(): WindowRecord | undefined {
    if (this.#steps === 0) return undefined
    const means = Object.fromEntries(
      Object.entries(this.#sums).map(([name, sum]) => [name, sum / this.#steps]),
    )
    const { seconds, waitSeconds } = this
    const rates = { samplesPerSecond: this.#samples / seconds, dataWaitFraction: waitSeconds / seconds }
    return { ...(means as unknown as StepNumbers), ...rates }
  }
}
