import { statSync } from 'node:fs'
import { metricAt, readMetricsLog } from '../../training/index.ts'

/** Validation of a run: passes over the data done by then, and the monitored metric. */
export interface FollowedValidation {
  readonly epoch: number
  readonly value: number
}

/** The `metrics.jsonl` of a run while it grows. */
export class FollowedLog {
  readonly #file: string
  #bytes = -1
  #known: readonly FollowedValidation[] = []

  constructor(file: string) {
    this.#file = file
  }

  /** The validations so far, in order. A file that has not changed is not read again. */
  validations(metric: string): readonly FollowedValidation[] {
    const bytes = statSync(this.#file, { throwIfNoEntry: false })?.size ?? -1
    if (bytes === this.#bytes) return this.#known
    this.#bytes = bytes
    this.#known = readMetricsLog(this.#file).flatMap((record) => {
      const validation = 'validation' in record ? record.validation : undefined
      return typeof validation === 'object'
        ? [{ epoch: record.epoch, value: metricAt(validation, metric) }]
        : []
    })
    return this.#known
  }
}
