import type { IntervalBar } from './interval-bar.ts'
import { formatNumber, humanize, isFraction, percent, quantity } from './quantity.ts'

/** A number that was measured on samples, with the interval that holds the true value with 95 % confidence. */
export interface MeasuredNumber {
  readonly value: number
  readonly interval?: readonly [low: number, high: number]
  /** Direction in which it gets better; absent for a description that is neither good nor bad. */
  readonly better?: 'max' | 'min'
  /**
   * Unit where the last name of its path does not tell it: `fraction` is a part of a whole in [0, 1], `points` the difference of
   * two of these in [−1, 1]. Both are shown in percent.
   */
  readonly unit?: 'fraction' | 'points'
  /** Number of samples, or of trials. */
  readonly count: number
}

/** A metric: its path, and the range that its values lie in where they are parts of a whole. */
export interface Metric {
  readonly path: string
  readonly range: readonly [low: number, high: number] | undefined
}

/**
 * A metric by its path, whose last name tells the unit as in a summary.
 * @param samples Values of its samples. Where all of them are 0 or 1, the metric is a fraction, whatever its name; not one that is
 * better the less it is, such as a mean rank of queries that all have the rank 1.
 * @param measured The number, whose own unit goes before all others.
 */
export function metricOf(
  path: string,
  samples: readonly number[] = [],
  { unit, better }: Pick<MeasuredNumber, 'unit' | 'better'> = {},
): Metric {
  const name = lastName(path)
  if (unit) return { path, range: unit === 'points' ? [-1, 1] : [0, 1] }
  if (name.startsWith('R@')) return { path, range: [0, 100] }
  const counts =
    better !== 'min' &&
    samples.length > 0 &&
    samples.every((value) => value === 0 || value === 1 || Number.isNaN(value))
  return { path, range: counts || isFraction(name) ? [0, 1] : undefined }
}

/** Name of a metric by its path: `imageToText.R@1` is `Image to text · R@1`, `noise.retainedFraction` `Noise · Retained`. */
export const metricLabel = ({ path }: Pick<Metric, 'path'>): string =>
  [...path.split('.').slice(0, -1).map(humanize), quantity(lastName(path), 0).label].join(' · ')

/** A value in the unit of its metric. */
export function metricText({ path, range }: Metric, value: number): string {
  if (!Number.isFinite(value)) return 'not a number'
  return range ? percent(value / range[1]) : quantity(lastName(path), rounded(value)).text
}

const lastName = (path: string): string => path.split('.').at(-1)!

/** An interval in the unit of its metric: `43.1 to 47.2 %`. */
export const intervalText = (metric: Metric, [low, high]: readonly [number, number]): string =>
  fromTo(metricText(metric, low), metricText(metric, high))

/** The interval of a difference in the unit of its metric: `+1.2 to +5.2 points`. */
export const differenceIntervalText = (metric: Metric, [low, high]: readonly [number, number]): string =>
  fromTo(differenceText(metric, low), differenceText(metric, high))

/** Two texts as ends; a unit that both have is written once. */
function fromTo(from: string, to: string): string {
  const unit = / ?[^\d.,]*$/.exec(to)![0]
  return `${unit !== '' && from.endsWith(unit) ? from.slice(0, -unit.length) : from} to ${to}`
}

/** The axis of numbers of one metric: all of its range if it has one, else from 0 to the largest of them. */
export function metricAxis(metric: Metric, numbers: readonly MeasuredNumber[]): readonly [number, number] {
  if (metric.range) return metric.range
  const ends = numbers
    .flatMap(({ value, interval = [value, value] }) => [value, ...interval])
    .filter(Number.isFinite)
  return [Math.min(0, ...ends), Math.max(0, ...ends)]
}

/** A measured number as a bar over an axis. */
export const measuredBar = (
  metric: Metric,
  { value, interval }: MeasuredNumber,
  axis: readonly [number, number],
): IntervalBar => ({
  value,
  ...(interval && { interval }),
  axis,
  text: `${metricText(metric, value)}${interval ? `, 95 % interval ${intervalText(metric, interval)}` : ''}`,
})

/** A difference in the unit of its metric, with its sign: `+2.1 points` for percentages. */
export function differenceText(metric: Metric, difference: number): string {
  if (!Number.isFinite(difference)) return 'not a number'
  const { range } = metric
  const size = Math.abs(difference)
  const text = range ? `${formatNumber((100 * size) / range[1], 1)} points` : metricText(metric, size)
  return `${difference > 0 ? '+' : difference < 0 ? '−' : ''}${text}`
}

/** The p of a test: `0.031`, `< 0.001`. */
export const pValueText = (p: number): string =>
  !Number.isFinite(p) ? 'not a number' : p < 0.001 ? '< 0.001' : formatNumber(p, 3)

/** Four digits are enough for what has an interval. */
const rounded = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(4)))
