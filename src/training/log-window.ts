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
  #waitSeconds = 0
  #samples = 0
  #steps = 0

  /** Wait for data, and remember how long. */
  async waitFor<T>(promise: Promise<T>): Promise<T> {
    const start = performance.now()
    const value = await promise
    this.#waitSeconds += (performance.now() - start) / 1000
    return value
  }

  add(samples: number, numbers: StepNumbers): void {
    this.#steps++
    this.#samples += samples
    for (const [name, value] of Object.entries(numbers)) this.#sums[name] = (this.#sums[name] ?? 0) + value
  }

  /** Times since the window was opened, and the record of its steps, if there were any. */
  close() {
    const seconds = (performance.now() - this.#start) / 1000
    const waitSeconds = this.#waitSeconds
    if (this.#steps === 0) return { seconds, waitSeconds, record: undefined }
    const means = Object.fromEntries(
      Object.entries(this.#sums).map(([name, sum]) => [name, sum / this.#steps]),
    )
    const rates = { samplesPerSecond: this.#samples / seconds, dataWaitFraction: waitSeconds / seconds }
    const record: WindowRecord = { ...(means as unknown as StepNumbers), ...rates }
    return { seconds, waitSeconds, record }
  }
}
