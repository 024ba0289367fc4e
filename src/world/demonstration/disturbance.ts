import type { Random } from '../../core/index.ts'

/** Share of a disturbance that is left after a step of 1/20 s, and after one in which nothing may disturb. */
const kept = { usual: 0.85, calm: 0.4 } as const

/**
 * Disturbance of executed actions that wanders about zero (an Ornstein–Uhlenbeck process):
 * xₜ₊₁ = 0.85·xₜ + √(1 − 0.85²)·σ·ε with ε ~ N(0, 1). What is recorded is the undisturbed action, so that policies see how
 * an expert comes back to its way (Laskey et al. 2017, DART).
 */
export class Disturbance {
  readonly #random: Random
  readonly #deviation: number
  readonly #values: Float64Array

  /** @param deviation σ, in the unit of the numbers. */
  constructor(random: Random, size: number, deviation: number) {
    this.#random = random
    this.#deviation = deviation
    this.#values = new Float64Array(size)
  }

  /** Offsets of the next step. @param calm True to let it die away. */
  next(calm: boolean): readonly number[] {
    const share = calm ? kept.calm : kept.usual
    const fresh = calm ? 0 : Math.sqrt(1 - kept.usual ** 2) * this.#deviation
    this.#values.forEach((value, i) => {
      this.#values[i] = share * value + fresh * this.#random.normal(0, 1)
    })
    return Array.from(this.#values)
  }
}
