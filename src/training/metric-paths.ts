import type { Metrics } from './task.ts'

/** Every number of nested metrics by its path: `imageToText.R@1`. */
export function metricPaths(metrics: Metrics): Map<string, number> {
  const entries = Object.entries(metrics).flatMap(([name, value]): (readonly [string, number])[] =>
    typeof value === 'number'
      ? [[name, value]]
      : Array.from(metricPaths(value), ([path, inner]) => [`${name}.${path}`, inner]),
  )
  return new Map(entries)
}
