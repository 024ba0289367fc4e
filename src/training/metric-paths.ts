import { ConfigError, didYouMean } from '../core/index.ts'
import type { Metrics } from './task.ts'

/** Every value of nested metrics by its path: `imageToText.R@1`. */
export function metricPaths(metrics: Metrics): Map<string, number> {
  const entries = Object.entries(metrics).flatMap(([name, value]): (readonly [string, number])[] =>
    typeof value === 'number'
      ? [[name, value]]
      : Array.from(metricPaths(value), ([path, inner]) => [`${name}.${path}`, inner]),
  )
  return new Map(entries)
}

/**
 * The metric at a path.
 * @throws ConfigError `training/unknown-metric` that names the nearest one.
 */
export function metricAt(metrics: Metrics, path: string): number {
  const paths = metricPaths(metrics)
  const value = paths.get(path)
  if (value !== undefined) return value
  const known = [...paths.keys()]
  throw new ConfigError(
    'training/unknown-metric',
    `the validation has no metric '${path}'${didYouMean(path, known)}`,
    { metric: path, known },
  )
}

/** Tell recalls, which are percentages; all other metrics that can be fractions are in [0, 1]. */
const isPercentage = (path: string): boolean => /(?:^|\.)R@\d+$/.test(path)

/**
 * The metric at a path as a fraction of its maximum, in [0, 1]: recalls, which are percentages, are divided by 100.
 * @throws ConfigError of {@link metricAt}, and `training/not-a-fraction` for a rank, an error or the like.
 */
export function fractionAt(metrics: Metrics, path: string): number {
  const value = metricAt(metrics, path)
  const fraction = isPercentage(path) ? value / 100 : value
  if (fraction >= 0 && fraction <= 1) return fraction
  throw new ConfigError(
    'training/not-a-fraction',
    `'${path}' is ${value}; what is wanted is the part of a validation that succeeds, as a fraction or a recall: ` +
      `there are ${[...metricPaths(metrics).keys()].join(', ')}`,
    { metric: path, value },
  )
}
