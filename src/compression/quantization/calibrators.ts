import type { Range } from './activation-codes.ts'
import { Histogram } from './histogram.ts'

/** Ways to choose the range of activations from what calibration shows. */
export const calibrationMethods = ['minMax', 'percentile', 'entropy'] as const
export type CalibrationMethod = (typeof calibrationMethods)[number]

/** An empty histogram for a method, over all numbers that were seen; undefined for a method that needs none. */
export function histogramFor(method: CalibrationMethod, range: Range): Histogram | undefined {
  if (method === 'minMax') return undefined
  return new Histogram(method === 'entropy' ? { low: 0, high: largest(range) } : range)
}

/** Count numbers in the histogram of a method, divided by the smoothing of their channels. */
export function count(
  histogram: Histogram,
  method: CalibrationMethod,
  values: Float32Array,
  smoothing: Float32Array | undefined,
): void {
  const width = smoothing?.length ?? 1
  const isOfSizes = method === 'entropy'
  for (let i = 0; i < values.length; i++) {
    const value = smoothing ? values[i]! / smoothing[i % width]! : values[i]!
    histogram.add(isOfSizes ? Math.abs(value) : value)
  }
}

/**
 * The range of a histogram.
 *
 * - `percentile`: the middle `percentile` per cent of all numbers; as many are cut at either end.
 * - `entropy`: the range ±t whose codes lose least information, by {@link leastDivergence}.
 *
 * @param seen Least and greatest number that was seen.
 */
export function rangeOf(
  method: Exclude<CalibrationMethod, 'minMax'>,
  histogram: Histogram,
  seen: Range,
  percentile: number,
): Range {
  if (method === 'percentile') {
    const cut = (100 - percentile) / 200
    return { low: histogram.quantile(cut), high: histogram.quantile(1 - cut) }
  }
  // 255 steps are for both signs; a range of one sign has all of them for its sizes.
  const levels = Math.round((255 * largest(seen)) / (Math.max(seen.high, 0) - Math.min(seen.low, 0)))
  const threshold = leastDivergence(histogram, Math.max(levels, 1))
  return { low: Math.max(seen.low, -threshold), high: Math.min(seen.high, threshold) }
}

const largest = ({ low, high }: Range): number => Math.max(Math.abs(low), Math.abs(high))

/**
 * The size t at which numbers are cut such that the distribution of their codes diverges least from theirs:
 *
 *     argmin over t of KL(P‖Q),  P: numbers up to t, those beyond counted at t;  Q: P in `levels` steps, each spread evenly over
 *     the bins in it that are not empty
 *
 * Source: Migacz, "8-bit Inference with TensorRT" (2017).
 */
export function leastDivergence({ counts, range }: Histogram, levels: number): number {
  const binWidth = range.high / counts.length
  let [best, least] = [counts.length, Number.POSITIVE_INFINITY]
  let beyond = counts.reduce((sum, number) => sum + number, 0)
  for (let bin = 0; bin < Math.min(levels, counts.length); bin++) beyond -= counts[bin]!
  for (let bins = levels; bins <= counts.length; bins++) {
    const divergence = divergenceOf(counts, bins, levels, Math.max(beyond, 0))
    if (divergence < least) [best, least] = [bins, divergence]
    beyond -= counts[bins] ?? 0
  }
  return best * binWidth
}

/** Probability given to what Q has none of, in place of an infinite divergence. */
const nothing = 1e-9

function divergenceOf(counts: Float64Array, bins: number, levels: number, beyond: number): number {
  let inside = 0
  for (let bin = 0; bin < bins; bin++) inside += counts[bin]!
  if (inside === 0) return Number.POSITIVE_INFINITY
  const total = inside + beyond
  let divergence = 0
  for (let level = 0; level < levels; level++) {
    const [from, to] = [Math.floor((level * bins) / levels), Math.floor(((level + 1) * bins) / levels)]
    let [sum, filled] = [0, 0]
    for (let bin = from; bin < to; bin++) {
      sum += counts[bin]!
      if (counts[bin]! > 0) filled++
    }
    for (let bin = from; bin < to; bin++) {
      const p = (counts[bin]! + (bin === bins - 1 ? beyond : 0)) / total
      if (p === 0) continue
      const q = counts[bin]! > 0 ? sum / filled / inside : nothing
      divergence += p * Math.log(p / q)
    }
  }
  return divergence
}
