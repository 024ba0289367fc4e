import { bootstrap, pairedDifference, wilson } from '../../metrics/index.ts'
import type { Outcomes } from '../rollout/outcome.ts'
import type { Measured } from '../suite/measured.ts'

/** Fraction of an episode's tasks that succeeded. */
export function successOf(outcomes: Outcomes): number {
  const all = Object.values(outcomes)
  return all.filter(({ success }) => success).length / all.length
}

/**
 * Mean of a value of each scene, with its 95 % interval: Wilson's for values that are all 0 or 1, else by bootstrap over
 * the scenes.
 */
export function meanOf(values: readonly number[], seed: number): Measured {
  const common = { better: 'max', count: values.length } as const
  if (values.every((value) => value === 0 || value === 1)) {
    const { rate, interval } = wilson(values.filter((value) => value === 1).length, values.length)
    return { value: rate, interval, ...common }
  }
  return { ...bootstrap(values, { seed }), ...common }
}

/** Mean difference a − b of two values of each scene, with its 95 % interval by bootstrap over the scenes. */
export const differenceOf = (
  a: readonly number[],
  b: readonly number[],
  better: 'max' | 'min',
  seed: number,
): Measured => ({ ...pairedDifference(a, b, { seed }), better, count: a.length })

/** A measured number without a direction: a description that is neither good nor bad. */
export function description({ value, interval, count }: Measured): Measured {
  return { value, count, ...(interval && { interval }) }
}

/** Percents in words: `88.0 (80 – 93)`. */
export function percent({ value, interval }: Pick<Measured, 'value' | 'interval'>): string {
  const range = interval?.map((end) => Math.round(100 * end)).join(' – ')
  return `${(100 * value).toFixed(1)}${range === undefined ? '' : ` (${range})`}`
}
