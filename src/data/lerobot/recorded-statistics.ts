/** Quantiles of LeRobot's statistics. */
export const quantiles = { q01: 0.01, q10: 0.1, q50: 0.5, q90: 0.9, q99: 0.99 } as const

type Names = 'min' | 'max' | 'mean' | 'std' | keyof typeof quantiles

/** Statistics of a feature: for each of its values (of pictures, each channel) a number. */
export interface RecordedStatistics extends Readonly<Record<Names, readonly number[]>> {
  /** Count of frames. */
  readonly count: number
}

/** Names of the statistics that have a number a value, in the order of LeRobot's files. */
export const statisticNames: readonly Names[] = [
  'min',
  'max',
  'mean',
  'std',
  ...(Object.keys(quantiles) as (keyof typeof quantiles)[]),
]

/** Bins of the histogram that quantiles come from. */
const bins = 5000

/** Statistics of one value over frames. */
type ValueStatistics = Record<Names, number>

/**
 * Statistics of each value of a vector over frames, as LeRobot's `compute_stats` defines them: the standard deviation
 * divides by the count; quantiles come from a histogram of 5000 bins between the least and the greatest value, even
 * within a bin; of a single frame they are its values. Everything is computed in float64, where LeRobot keeps the data's
 * own float32.
 * @param rows Values frame by frame, [frames, width].
 */
export function vectorStatistics(rows: ArrayLike<number>, width: number): RecordedStatistics {
  const count = rows.length / width
  const columns = Array.from({ length: width }, (_, i) =>
    valueStatistics(Float64Array.from({ length: count }, (_, row) => rows[row * width + i]!)),
  )
  return { count, ...transposed(columns) }
}

/**
 * Statistics of each channel of pictures of bytes, in [0, 1].
 * @param tallies Count of pixels at each of 256 levels, channel by channel, [channels, 256].
 * @param count Count of the pictures.
 */
export function pictureStatistics(tallies: ArrayLike<number>, count: number): RecordedStatistics {
  const channels = Array.from({ length: tallies.length / 256 }, (_, channel) => {
    const levels = [...Array(256).keys()].filter((level) => tallies[256 * channel + level]! > 0)
    const weights = Float64Array.from(levels, (level) => tallies[256 * channel + level]!)
    const statistics = valueStatistics(Float64Array.from(levels), weights)
    return Object.fromEntries(statisticNames.map((name) => [name, statistics[name] / 255])) as ValueStatistics
  })
  return { count, ...transposed(channels) }
}

/**
 * Statistics over two sets of frames. Of quantiles the mean, weighted by the counts of frames, as LeRobot merges episodes.
 */
export function mergeStatistics(a: RecordedStatistics, b: RecordedStatistics): RecordedStatistics {
  const count = a.count + b.count
  const share = a.count / count
  const merged = a.mean.map((_, i): ValueStatistics => {
    const mixed = (name: Names) => share * a[name][i]! + (1 - share) * b[name][i]!
    const mean = mixed('mean')
    const variance = (of: RecordedStatistics) => of.std[i]! ** 2 + (of.mean[i]! - mean) ** 2
    return {
      min: Math.min(a.min[i]!, b.min[i]!),
      max: Math.max(a.max[i]!, b.max[i]!),
      mean,
      std: Math.sqrt(share * variance(a) + (1 - share) * variance(b)),
      q01: mixed('q01'),
      q10: mixed('q10'),
      q50: mixed('q50'),
      q90: mixed('q90'),
      q99: mixed('q99'),
    }
  })
  return { count, ...transposed(merged) }
}

const transposed = (columns: readonly ValueStatistics[]) =>
  Object.fromEntries(statisticNames.map((name) => [name, columns.map((column) => column[name])])) as Record<
    Names,
    number[]
  >

/** @param weights How often each value occurs; default: once. */
function valueStatistics(values: Float64Array, weights?: Float64Array): ValueStatistics {
  let [min, max, total, sum] = [Infinity, -Infinity, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const [value, weight] = [values[i]!, weights?.[i] ?? 1]
    min = Math.min(min, value)
    max = Math.max(max, value)
    total += weight
    sum += weight * value
  }
  const mean = sum / total
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (weights?.[i] ?? 1) * (values[i]! - mean) ** 2
  const std = Math.sqrt(squares / total)
  const base = { min, max, mean, std }
  if (total < 2) return { ...base, q01: mean, q10: mean, q50: mean, q90: mean, q99: mean }
  return { ...base, ...quantilesOf(values, weights, base, total) }
}

function quantilesOf(
  values: Float64Array,
  weights: Float64Array | undefined,
  { min, max }: { readonly min: number; readonly max: number },
  total: number,
) {
  const [low, high] = [min - 1e-10, max + 1e-10]
  const step = (high - low) / bins
  const histogram = new Float64Array(bins)
  for (let i = 0; i < values.length; i++) {
    const bin = step > 0 ? Math.floor((values[i]! - low) / step) : bins - 1
    histogram[Math.min(bins - 1, Math.max(0, bin))]! += weights?.[i] ?? 1
  }
  const found = Object.entries(quantiles).map(([name, fraction]) => {
    const target = fraction * total
    let before = 0
    let bin = 0
    while (bin < bins && before + histogram[bin]! < target) before += histogram[bin++]!
    if (bin === 0) return [name, low]
    if (bin === bins) return [name, high]
    return [name, low + step * (bin + (target - before) / histogram[bin]!)]
  })
  return Object.fromEntries(found) as Record<keyof typeof quantiles, number>
}
