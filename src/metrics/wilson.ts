/** A rate with the interval that holds the true one with 95 % confidence. */
export interface Rate {
  /** Successes divided by trials, in [0, 1]; NaN without trials. */
  readonly rate: number
  readonly interval: readonly [low: number, high: number]
}

/** Standard deviations that enclose 95 % of a normal distribution. */
const z = 1.959963984540054

/**
 * Successes out of independent trials, with the 95 % interval of Wilson (1927), which is right for few trials and near
 * 0 and 1 too:
 *
 *     (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
 *
 * Its low end is exactly 0 without successes, its high end exactly 1 without failures.
 */
export function wilson(successes: number, trials: number): Rate {
  if (trials === 0) return { rate: Number.NaN, interval: [0, 1] }
  const rate = successes / trials
  const middle = rate + z ** 2 / (2 * trials)
  const reach = z * Math.sqrt((rate * (1 - rate)) / trials + z ** 2 / (4 * trials ** 2))
  const whole = 1 + z ** 2 / trials
  const [low, high] = [(middle - reach) / whole, (middle + reach) / whole] // equal to 0 or 1 but for rounding
  return { rate, interval: [successes === 0 ? 0 : low, successes === trials ? 1 : high] }
}
