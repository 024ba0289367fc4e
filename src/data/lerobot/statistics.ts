import type { ArrayStatistics } from '../sample.ts'
import { type LerobotStatistics, lerobotStatistics, parsed } from './layout.ts'

export type FeatureStatistics = ArrayStatistics

/** Statistics as lists without nesting: of a picture, one number a channel. */
export function flatStatistics(statistics: LerobotStatistics): FeatureStatistics {
  const { min, max, mean, std, q01, q99 } = statistics
  return {
    min: flat(min),
    max: flat(max),
    mean: flat(mean),
    std: flat(std),
    ...(q01 !== undefined && { q01: flat(q01) }),
    ...(q99 !== undefined && { q99: flat(q99) }),
  }
}

const flat = (numbers: unknown): number[] => [numbers].flat(Number.POSITIVE_INFINITY) as number[]

/**
 * Statistics of features, by the names of a source.
 * @param keys Names in `stats.json`, by the names of the source.
 * @param file Path, for messages.
 * @throws DataError `data/lerobot-layout` for statistics of another form.
 */
export function statisticsOf(
  stats: Readonly<Record<string, unknown>>,
  keys: Readonly<Record<string, string>>,
  file: string,
): Record<string, ArrayStatistics> {
  return Object.fromEntries(
    Object.entries(keys).flatMap(([name, key]) =>
      stats[key] === undefined
        ? []
        : [[name, flatStatistics(parsed(lerobotStatistics, stats[key], file, `${key}: `))]],
    ),
  )
}

/**
 * Statistics of several data sets as of one in which each has its weight:
 *
 *     mean = Σ wᵢ meanᵢ,  std² = Σ wᵢ (stdᵢ² + (meanᵢ − mean)²),  Σ wᵢ = 1
 *
 * Quantiles of parts do not say those of the whole: `q01` is the lowest and `q99` the highest of the parts', so that the
 * range holds at least as much; they are left out where a part lacks them.
 */
export function joinedStatistics(
  parts: readonly { readonly statistics: ArrayStatistics; readonly weight: number }[],
): ArrayStatistics {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0)
  const of = (key: keyof ArrayStatistics, at: number): number[] =>
    parts.map(({ statistics }) => statistics[key]?.[at] ?? Number.NaN)
  const weighted = (values: readonly number[]): number =>
    values.reduce((sum, value, i) => sum + (parts[i]!.weight / total) * value, 0)
  const places = parts[0]!.statistics.mean.map((_, at) => at)
  const mean = places.map((at) => weighted(of('mean', at)))
  const std = places.map((at) => {
    const means = of('mean', at)
    return Math.sqrt(weighted(of('std', at).map((own, i) => own ** 2 + (means[i]! - mean[at]!) ** 2)))
  })
  const hasQuantiles = parts.every(({ statistics }) => statistics.q01 && statistics.q99)
  return {
    min: places.map((at) => Math.min(...of('min', at))),
    max: places.map((at) => Math.max(...of('max', at))),
    mean,
    std,
    ...(hasQuantiles && {
      q01: places.map((at) => Math.min(...of('q01', at))),
      q99: places.map((at) => Math.max(...of('q99', at))),
    }),
  }
}
