import { pairedDifference } from '../../metrics/index.ts'
import type { Outcomes } from '../rollout/outcome.ts'
import { type Measured, meanMeasured } from '../suite/measured.ts'

/** Fraction of an episode's tasks that succeeded. */
export function successOf(outcomes: Outcomes): number {
  const all = Object.values(outcomes)
  return all.filter(({ success }) => success).length / all.length
}

/** Mean of a fraction of each scene, with its 95 % interval: see `meanMeasured`. */
export const meanOf = (values: readonly number[], seed: number): Measured => ({
  ...meanMeasured({ values }, seed),
  unit: 'fraction',
})

/** Mean difference a − b of two values of each scene, with its 95 % interval by bootstrap over the scenes. */
export const differenceOf = (
  a: readonly number[],
  b: readonly number[],
  better: 'max' | 'min',
  seed: number,
): Measured => ({ ...pairedDifference(a, b, { seed }), better, count: a.length, unit: 'points' })

/** A measured number without a direction: a description that is neither good nor bad. */
export function description({ better: _, ...measured }: Measured): Measured {
  return measured
}

/** Percents in words: `88.0 (80 – 93)`. */
export function percent({ value, interval }: Pick<Measured, 'value' | 'interval'>): string {
  const range = interval?.map((end) => Math.round(100 * end)).join(' – ')
  return `${(100 * value).toFixed(1)}${range === undefined ? '' : ` (${range})`}`
}
