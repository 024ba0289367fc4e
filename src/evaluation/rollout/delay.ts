import { setImmediate } from 'node:timers/promises'
import type { Predict } from '../../deploy/index.ts'

/**
 * Latency of a policy in simulated time: each answer comes so many steps of control after it was asked for, however long
 * computing it takes here. What waits for it, waits in the world, too: see `tryControl`.
 */
export class Delay {
  readonly #steps: number
  #now = 0
  #computing = 0
  readonly #waiting: { readonly due: number; readonly come: () => void }[] = []

  /** @param steps Steps of 1/20 s from a question to its answer; 0 for none. */
  constructor(steps: number) {
    this.#steps = steps
  }

  /** A policy whose answers are so late. */
  late<Seen>(predict: Predict<Seen>): Predict<Seen> {
    return async (seen) => {
      const due = this.#now + this.#steps
      this.#computing += 1
      const chunk = await predict(seen).finally(() => {
        this.#computing -= 1
      })
      if (due > this.#now) await new Promise<void>((come) => this.#waiting.push({ due, come }))
      return chunk
    }
  }

  /** Let a step pass. */
  tick(): void {
    this.#now += 1
    const come = this.#waiting.filter(({ due }) => due <= this.#now)
    const left = this.#waiting.filter(({ due }) => due > this.#now)
    this.#waiting.splice(0, this.#waiting.length, ...left)
    for (const answer of come) answer.come()
  }

  /**
   * Wait for something that needs answers.
   * @param hold Called for each step of the world that passes meanwhile; it calls `tick`.
   */
  async until<Result>(wanted: Promise<Result>, hold: () => void): Promise<Result> {
    let settled = false
    const end = () => {
      settled = true
    }
    wanted.then(end, end)
    for (;;) {
      await setImmediate()
      if (settled) return wanted
      if (this.#computing === 0 && this.#waiting.length > 0) hold()
    }
  }
}
