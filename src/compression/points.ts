import type { SuiteResult } from '../evaluation/index.ts'
import { metricOf } from '../report/index.ts'

/** Place of the metric that decides. */
export interface Monitored {
  /** Data set. */
  readonly test: string
  readonly evaluator: string
  readonly path: string
}

/** The metric that decides, in points: percent of what is a part of a whole. Higher is better. */
export function pointsOf({ tests }: SuiteResult, { test, evaluator, path }: Monitored): number {
  const { metrics, samples } = tests[test]![evaluator]!
  const measured = metrics[path]!
  const { range } = metricOf(path, samples[path]?.values, measured)
  const points = range ? (100 * measured.value) / range[1] : measured.value
  return measured.better === 'min' ? -points : points
}
