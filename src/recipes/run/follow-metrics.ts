import { existsSync } from 'node:fs'
import { metricAt, readMetricsLog } from '../../training/index.ts'

/** Validation of a run: passes over the data done by then, and the monitored metric. */
export interface FollowedValidation {
  readonly epoch: number
  readonly value: number
}

/** The validations in a run's `metrics.jsonl` so far, in order. */
export function validationsIn(file: string, metric: string): FollowedValidation[] {
  if (!existsSync(file)) return []
  return readMetricsLog(file).flatMap((record) =>
    'validation' in record ? [{ epoch: record.epoch, value: metricAt(record.validation, metric) }] : [],
  )
}
