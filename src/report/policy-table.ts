import { humanize, quantity } from './quantity.ts'
import type { Table } from './table.ts'

/** Results of a policy's heads on one test set. Fractions in [0, 1], errors in the units of their names. */
export interface PolicyResult {
  readonly [head: string]: number | HeadResult
}

export interface HeadResult {
  /** Fraction of the samples within tolerance. */
  readonly success?: number
  /** Success with the commands of other samples, as a control. */
  readonly shuffledSuccess?: number
  readonly [name: string]: number | object | undefined
}

/** A table with one row a test set and head: success, the control with other commands, and errors. */
export function policyTable(results: Readonly<Record<string, PolicyResult>>): Table {
  return {
    columns: [
      { title: 'Test set' },
      { title: 'Head' },
      { title: 'Success %', digits: 1 },
      { title: 'Other commands %', digits: 1 },
      { title: 'Errors' },
    ],
    rows: headsOf(results).map(([set, head, { success, shuffledSuccess, ...errors }]) => [
      humanize(set),
      humanize(head),
      percent(success),
      percent(shuffledSuccess),
      describe(errors),
    ]),
  }
}

/** All heads of all test sets. */
export const headsOf = (
  results: Readonly<Record<string, PolicyResult>>,
): (readonly [set: string, head: string, result: HeadResult])[] =>
  Object.entries(results).flatMap(([set, heads]) =>
    Object.entries(heads).flatMap(([head, result]) =>
      typeof result === 'number' ? [] : [[set, head, result] as const],
    ),
  )

const percent = (part: number | undefined): number | undefined => part && 100 * part

/** `Median position error 1.3 cm, …`: medians if there are any, else all errors. */
function describe(errors: Readonly<Record<string, unknown>>): string {
  const numbers = Object.entries(errors).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  )
  const medians = numbers.filter(([name]) => name.startsWith('median'))
  return (medians.length > 0 ? medians : numbers)
    .map(([name, value]) => quantity(name, value))
    .map(({ label, text }) => `${label.toLowerCase()} ${text}`)
    .join(', ')
}
