/**
 * A running mean without lag: every value becomes the mean of its neighbourhood, weighted by a Gaussian of
 * deviation `sigma` (in values, cut off at 3·sigma) and divided by the weights inside the ends.
 *
 *     smoothed(i) = Σⱼ w(i − j)·x(j) / Σⱼ w(i − j),   w(d) = exp(−d² / 2·sigma²)
 *
 * `sigma` 0 changes nothing.
 */
export function smooth(values: readonly number[], sigma: number): number[] {
  const reach = Math.floor(3 * sigma)
  const weights = Array.from({ length: reach + 1 }, (_, d) =>
    d === 0 ? 1 : Math.exp(-(d ** 2) / (2 * sigma ** 2)),
  )
  return values.map((_, i) => {
    let [sum, weight] = [0, 0]
    for (let j = Math.max(0, i - reach); j <= Math.min(values.length - 1, i + reach); j++) {
      sum += weights[Math.abs(i - j)]! * values[j]!
      weight += weights[Math.abs(i - j)]!
    }
    return sum / weight
  })
}
