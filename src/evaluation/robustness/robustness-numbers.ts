import { bootstrapStatistic, wilson } from '../../metrics/index.ts'
import { type Measured, meanMeasured, type SampleValues } from '../suite/measured.ts'
import type { AxisName, Condition } from './axes.ts'
import type { Trial, Trials } from './trial.ts'

/** Result of one condition by a measure. */
export interface ConditionResult extends Condition {
  readonly share: Measured
  /** Part that is right with the commands of others. */
  readonly control: number | undefined
}

/** Result of one axis by a measure: the mean over its severities. */
export interface AxisResult {
  readonly axis: AxisName
  readonly conditions: readonly ConditionResult[]
  readonly share: Measured
  /** Part of the severities at which each sample is right. */
  readonly values: readonly number[]
  /** Share over that of the clean data; undefined where nothing is right on clean data. */
  readonly retained: Measured | undefined
}

/** Result of a measure under all conditions; every share is a fraction in [0, 1]. */
export interface MeasureResult {
  readonly measure: string
  readonly ids: readonly string[]
  /** Cluster of each sample, where they are not independent. */
  readonly clusters: readonly string[] | undefined
  readonly cleanValues: readonly number[]
  readonly clean: Measured
  readonly cleanControl: number | undefined
  readonly axes: readonly AxisResult[]
  /** Mean over the axes, and its value for each sample. */
  readonly corrupted: Measured
  readonly values: readonly number[]
  /** Corrupted over clean share; undefined where nothing is right on clean data. */
  readonly retained: Measured | undefined
  /** Axis with the least share. */
  readonly worst: AxisResult
}

/**
 * Numbers of every measure. Shares of one condition come with Wilson's interval. Means over conditions and quotients come with
 * that of the bootstrap over samples: a resample draws a sample with all its conditions. Where nothing is right under any of
 * them it is Wilson's.
 * @param seed Seed of the bootstrap.
 */
export const measureResults = ({ clean, corrupted }: Trials, seed: number): MeasureResult[] =>
  Object.entries(clean.right).map(([measure, own]) => {
    const axes = axisResults(measure, own, corrupted, seed)
    const values = meanOf(axes.map((axis) => axis.values))
    const { ids, clusters } = own
    return {
      measure,
      ids,
      clusters,
      cleanValues: own.values,
      clean: meanMeasured(own, seed),
      cleanControl: clean.control?.[measure],
      axes,
      corrupted: meanMeasured({ values, clusters }, seed),
      values,
      retained: quotient(values, own, seed),
      worst: axes.reduce((worst, axis) => (axis.share.value < worst.share.value ? axis : worst)),
    }
  })

function axisResults(
  measure: string,
  clean: SampleValues,
  trials: readonly Trial[],
  seed: number,
): AxisResult[] {
  const found = trials.flatMap(({ condition, right, control }) =>
    condition ? [{ condition, values: right[measure]!.values, control: control?.[measure] }] : [],
  )
  const { clusters } = clean
  const names = [...new Set(found.map(({ condition }) => condition.axis))]
  return names.map((axis) => {
    const own = found.filter(({ condition }) => condition.axis === axis)
    const values = meanOf(own.map((each) => each.values))
    return {
      axis,
      conditions: own.map(({ condition, values, control }) => ({
        ...condition,
        share: meanMeasured({ values, clusters }, seed),
        control,
      })),
      share: meanMeasured({ values, clusters }, seed),
      values,
      retained: quotient(values, clean, seed),
    }
  })
}

/** Mean of lists, element by element. */
const meanOf = (lists: readonly (readonly number[])[]): number[] =>
  lists[0]!.map((_, i) => lists.reduce((sum, list) => sum + list[i]!, 0) / lists.length)

/**
 * Sum of values over the sum of clean ones; undefined where that is 0. Where nothing is left the bootstrap knows only 0: the
 * interval is then Wilson's of none among those that are right on clean data. It is left out where some resample has none of these.
 */
function quotient(
  values: readonly number[],
  { values: clean, clusters }: SampleValues,
  seed: number,
): Measured | undefined {
  const right = clean.filter((value) => value > 0).length
  if (right === 0) return undefined
  const common = { better: 'max', count: values.length } as const
  if (values.every((value) => value === 0))
    return { value: 0, interval: wilson(0, right).interval, ...common }
  const statistic = (indices: Int32Array) => {
    let [above, below] = [0, 0]
    for (const i of indices) {
      above += values[i]!
      below += clean[i]!
    }
    return above / below
  }
  const { value, interval } = bootstrapStatistic(values.length, statistic, { seed, clusters })
  return { value, ...(interval.every(Number.isFinite) && { interval }), ...common }
}
