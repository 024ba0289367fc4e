import type { LogRecord, ValidationRecord } from '../callback.ts'
import { metricPaths } from '../metric-paths.ts'
import type { Metrics } from '../task.ts'

/** Values by name, grouped by what stands before the first slash. */
export type Scalars = Readonly<Record<string, number>>

/** Numbers of a line of the log: `train/loss`. */
export function trainingScalars({ step, ...numbers }: LogRecord): Scalars {
  const known = Object.entries(numbers).filter((entry): entry is [string, number] => entry[1] !== undefined)
  return under('train', known)
}

/** Metrics of a validation: `validation/imageToText/R@1`. */
export const validationScalars = ({ validation }: ValidationRecord): Scalars =>
  metricScalars('validation', validation)

/** Metrics under the name of a group. */
export const metricScalars = (group: string, metrics: Metrics): Scalars => under(group, metricPaths(metrics))

const under = (group: string, numbers: Iterable<readonly [string, number]>): Scalars =>
  Object.fromEntries(Array.from(numbers, ([path, value]) => [`${group}/${path.replaceAll('.', '/')}`, value]))
