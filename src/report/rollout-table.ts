import { formatNumber, humanize } from './quantity.ts'
import { refusalCounts } from './refusal-words.ts'
import type { Table } from './table.ts'

/** Results of a policy at a task in a split. Fractions in [0, 1]. */
export interface RolloutResult {
  readonly episodes: number
  readonly rate: number
  readonly interval: readonly [low: number, high: number]
  readonly control?: { readonly rate: number }
  readonly chance: number
  /** Number of trials that ended with an error, by its code. */
  readonly refusals: Readonly<Record<string, number>>
  /** Number of scenes in which the given command has no single meaning, by code. */
  readonly notTried?: Readonly<Record<string, number>>
  readonly means: Readonly<Record<string, number>>
  readonly medians: Readonly<Record<string, number>>
}

/**
 * A table with one row a task and split: success with its 95 % interval, the control with other commands, and
 * chance.
 */
export const rolloutTable = (
  summary: Readonly<Record<string, Readonly<Record<string, RolloutResult>>>>,
): Table => ({
  columns: [
    { title: 'Task' },
    { title: 'Split' },
    { title: 'Episodes' },
    { title: 'Success %', digits: 1 },
    { title: '95 % interval' },
    { title: 'Other commands %', digits: 1 },
    { title: 'Chance %', digits: 1 },
    { title: 'More' },
  ],
  rows: Object.entries(summary).flatMap(([task, splits]) =>
    Object.entries(splits).map(([split, result]) => [
      humanize(task),
      humanize(split),
      result.episodes,
      100 * result.rate,
      result.interval.map((part) => formatNumber(100 * part, 1)).join(' – '),
      result.control && 100 * result.control.rate,
      100 * result.chance,
      moreOf(result),
    ]),
  ),
})

/** Medians of errors, fraction of lifted objects, and refusals. */
function moreOf({
  medians: { overlap, distance, angle },
  means: { lifted },
  refusals,
  notTried = {},
}: RolloutResult): string {
  const parts = [
    overlap !== undefined && `median overlap ${formatNumber(100 * overlap, 0)} %`,
    distance !== undefined && `median distance ${formatNumber(100 * distance, 1)} cm`,
    angle !== undefined && `angle ${formatNumber((180 / Math.PI) * angle, 1)}°`,
    lifted !== undefined && `lifted ${formatNumber(100 * lifted, 1)} %`,
    ...refusalCounts(refusals),
    ...refusalCounts(notTried).map((count) => `not tried: ${count}`),
  ]
  return parts.filter(Boolean).join(', ')
}
