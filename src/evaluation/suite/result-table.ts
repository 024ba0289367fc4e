import { humanize, percent, quantity, type Table } from '../../report/index.ts'
import type { Measured } from './measured.ts'
import type { SuiteResult } from './suite-result.ts'

/** The headline numbers of a result with their intervals, and what their means over the data sets hide, as a table. */
export const resultTable = ({ tests, aggregate }: SuiteResult): Table => ({
  columns: [
    { title: 'Data' },
    { title: 'Evaluator' },
    { title: 'Metric' },
    { title: 'Value', align: 'right' },
    { title: '95 % interval', align: 'right' },
    { title: 'Count' },
  ],
  rows: [
    ...Object.entries(tests).flatMap(([test, found]) =>
      Object.entries(found).flatMap(([evaluator, { headline, metrics }]) =>
        headline.map((path) => rowOf([test, evaluator, path], metrics[path]!)),
      ),
    ),
    ...Object.entries(aggregate)
      .filter(([, { tests: count }]) => count > 1)
      .flatMap(([key, { mean, worst, tests: count }]) => {
        const [evaluator, path] = key.split('/') as [string, string]
        return [
          [
            `mean of ${count}`,
            evaluator,
            metricName(path),
            textOf(path, mean, worst.measured.unit),
            undefined,
            undefined,
          ],
          rowOf([`worst: ${worst.test}`, evaluator, path], worst.measured),
        ]
      }),
  ],
})

function rowOf(
  [test, evaluator, path]: readonly [string, string, string],
  { value, interval, count, unit }: Measured,
) {
  const text = (each: number) => textOf(path, each, unit)
  const range = interval && `${text(interval[0])} to ${text(interval[1])}`
  return [test, evaluator, metricName(path), text(value), range, count]
}

const metricName = (path: string): string => path.split('.').map(humanize).join(' · ')

/** A number in its unit, by default the one that the last name of its path says. */
export function textOf(path: string, value: number, unit?: Measured['unit']): string {
  if (!Number.isFinite(value)) return 'not a number'
  return unit ? percent(value) : quantity(path.split('.').at(-1)!, value).text
}
