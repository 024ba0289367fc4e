/** A queue: each piece of work begins when the one before it has ended, well or badly. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  take<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

/** WebGPU's sessions share one device, which only one thread may use at a time. */
export const gpuTurns = new Turns()
