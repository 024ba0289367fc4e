import { type EpisodeSeries, type ValueName, valuesOf } from './episode-series.ts'

/** One number of a feature over one episode. */
export interface EpisodeSummary {
  readonly episode: number
  readonly frames: number
  readonly min: number
  readonly max: number
  readonly mean: number
  /** Root of the mean square distance from the mean. */
  readonly std: number
  /** First frame with a number that is not finite. */
  readonly notFinite: number | undefined
}

/** One number of a feature over the data set. */
export interface ValueSummary {
  readonly name: ValueName
  readonly episodes: readonly EpisodeSummary[]
  readonly min: number
  readonly max: number
  readonly mean: number
  readonly std: number
  /** Quantiles at 0.01 and 0.99. */
  readonly q01: number
  readonly q99: number
  /** Count of different values, at most {@link manyValues}. */
  readonly distinct: number
  /** Fraction of frames at the least and at the greatest value. */
  readonly atEnds: readonly [least: number, greatest: number]
}

/** Different values of a number that is no switch. */
export const manyValues = 10

/** Summary of a number, over finite values. */
export function summaryOf(series: readonly EpisodeSeries[], name: ValueName): ValueSummary {
  const values = series.map((own) => valuesOf(own, name))
  const all = Float64Array.from(values.flatMap((own) => Array.from(own).filter(Number.isFinite))).sort()
  const [min, max] = [all[0] ?? Number.NaN, all.at(-1) ?? Number.NaN]
  const mean = meanOf(all)
  const quantile = (part: number) =>
    all[Math.min(all.length - 1, Math.floor(part * all.length))] ?? Number.NaN
  const share = (end: number) => all.filter((value) => value === end).length / (all.length || 1)
  return {
    name,
    episodes: series.map(({ episode: { index } }, i) => episodeSummary(index, values[i]!)),
    min,
    max,
    mean,
    std: deviationOf(all, mean),
    q01: quantile(0.01),
    q99: quantile(0.99),
    distinct: distinctOf(all),
    atEnds: [share(min), share(max)],
  }
}

function episodeSummary(episode: number, values: Float64Array): EpisodeSummary {
  const finite = values.filter(Number.isFinite)
  const mean = meanOf(finite)
  const bad = values.findIndex((value) => !Number.isFinite(value))
  return {
    episode,
    frames: values.length,
    min: finite.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    max: finite.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
    mean,
    std: deviationOf(finite, mean),
    notFinite: bad < 0 ? undefined : bad,
  }
}

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

const deviationOf = (values: Float64Array, mean: number): number =>
  Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)

function distinctOf(sorted: Float64Array): number {
  let count = 0
  for (let i = 0; i < sorted.length && count < manyValues; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) count++
  }
  return count
}
