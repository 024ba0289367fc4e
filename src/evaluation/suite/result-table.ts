import { humanize, quantity, type Table } from '../../report/index.ts'
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
          [`mean of ${count}`, evaluator, metricName(path), textOf(path, mean), undefined, undefined],
          rowOf([`worst: ${worst.test}`, evaluator, path], worst.measured),
        ]
      }),
  ],
})

function rowOf(
  [test, evaluator, path]: readonly [string, string, string],
  { value, interval, count }: Measured,
) {
  const range = interval && `${textOf(path, interval[0])} to ${textOf(path, interval[1])}`
  return [test, evaluator, metricName(path), textOf(path, value), range, count]
}

/** A path in words: `imageToText.R@1` is `Image to text · R@1`. */
export const metricName = (path: string): string => path.split('.').map(humanize).join(' · ')

/** A number in the unit that the last name of its path says. */
export const textOf = (path: string, value: number): string =>
  Number.isFinite(value) ? quantity(path.split('.').at(-1)!, value).text : 'not a number'
