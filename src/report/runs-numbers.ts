import { flatten } from './flatten.ts'
import { type Html, html } from './html.ts'
import { metricOf, metricText } from './measured-number.ts'
import { humanize, quantity } from './quantity.ts'
import type { ComparedRun } from './runs-page.ts'
import type { Table } from './table.ts'

/** Final numbers that every finished run has: results of tests, then time, memory and samples. */
export const numbersOfAll = (runs: readonly ComparedRun[]): Table<Html> =>
  numbersTable(runs, (missing) => !missing)

/** Final numbers that some finished runs have and others have not. */
export const numbersOfSome = (runs: readonly ComparedRun[]): Table<Html> =>
  numbersTable(runs, (missing) => missing)

function numbersTable(runs: readonly ComparedRun[], keep: (missing: boolean) => boolean): Table<Html> {
  const finished = runs.filter(({ summary }) => summary)
  const numbers = finished.map(numbersOf)
  const paths = [...new Set(numbers.flatMap((leaves) => [...leaves.keys()]))]
  const kept = paths.filter((path) => keep(numbers.some((leaves) => !leaves.has(path))))
  return {
    columns: [{ title: 'Number' }, ...finished.map(({ name }) => ({ title: name, align: 'right' as const }))],
    rows: kept.map((path) => [
      labelOf(path),
      ...cellsOf(
        path,
        numbers.map((leaves) => leaves.get(path)),
        finished,
      ),
    ]),
  }
}

/** Keys of a summary that are no results and not worth comparing, or stand elsewhere on the page. */
const elsewhere = [
  'results',
  'control',
  'stages',
  'wiseFt',
  'name',
  'best',
  'steps',
  'trainSeconds',
  'samplesPerSecond',
]

/** Numbers of a summary by path: of its tests first, each below its name. */
function numbersOf({ summary }: ComparedRun): Map<string, number> {
  const rest = Object.entries(summary ?? {}).filter(([key]) => !elsewhere.includes(key))
  const leaves = [...flatten(summary?.results ?? {}, resultsPath), ...flatten(Object.fromEntries(rest))]
  return new Map(leaves.filter((leaf): leaf is [string, number] => typeof leaf[1] === 'number'))
}

const resultsPath = 'results'

const labelOf = (path: string): string => {
  const names = path.split('.').slice(path.startsWith(`${resultsPath}.`) ? 1 : 0)
  return [...names.slice(0, -1).map(humanize), quantity(names.at(-1)!, 0).label].join(' · ')
}

function cellsOf(
  path: string,
  values: readonly (number | undefined)[],
  runs: readonly ComparedRun[],
): (string | Html | undefined)[] {
  const name = path.split('.').at(-1)!
  const best = bestOf(values, directionOf(path, runs))
  return values.map((value) => {
    if (value === undefined) return undefined
    const text = metricText(metricOf(name), value)
    return value === best ? html`<b title="best">${text}</b>` : text
  })
}

/** The best of values that differ; undefined where better has no direction, or only one run has a value. */
function bestOf(
  values: readonly (number | undefined)[],
  direction: 'max' | 'min' | undefined,
): number | undefined {
  const finite = values.filter((value) => value !== undefined && Number.isFinite(value)) as number[]
  if (direction === undefined || new Set(finite).size < 2) return undefined
  return direction === 'max' ? Math.max(...finite) : Math.min(...finite)
}

/**
 * Direction in which a result gets better: its path behind `results` and the name of the test. Undefined where the runs were
 * tested on different data.
 */
function directionOf(path: string, runs: readonly ComparedRun[]): 'max' | 'min' | undefined {
  if (!path.startsWith(`${resultsPath}.`)) return undefined
  const [, test = '', ...metric] = path.split('.')
  if (!isSameTest(test, runs)) return undefined
  return runs
    .map(({ directions }) => directions[metric.join('.')])
    .find((direction) => direction !== undefined)
}

/** Test that all runs that have a test use the same data for it. */
export const isSameTest = (name: string, runs: readonly ComparedRun[]): boolean =>
  isOneThing(runs.map(({ tests }) => tests[name]))

/** Test that all values are the same as JSON, leaving out undefined. */
export const isOneThing = (values: readonly unknown[]): boolean =>
  new Set(values.filter((value) => value !== undefined).map((value) => JSON.stringify(value))).size < 2
