import { intervalText, metricLabel, metricOf, metricText, type Table } from '../../report/index.ts'
import type { Measured, SampleValues } from './measured.ts'
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
      Object.entries(found).flatMap(([evaluator, { headline, metrics, samples }]) =>
        headline.map((path) => rowOf([test, evaluator, path], metrics[path]!, samples[path])),
      ),
    ),
    ...Object.entries(aggregate)
      .filter(([, { tests: count }]) => count > 1)
      .flatMap(([key, { mean, worst, tests: count }]) => {
        const [evaluator, path] = key.split('/') as [string, string]
        const samples = tests[worst.test]?.[evaluator]?.samples[path]
        const metric = metricOf(path, samples?.values, worst.measured)
        return [
          [
            `mean of ${count}`,
            evaluator,
            metricLabel(metric),
            metricText(metric, mean),
            undefined,
            undefined,
          ],
          rowOf([`worst: ${worst.test}`, evaluator, path], worst.measured, samples),
        ]
      }),
  ],
})

function rowOf(
  [test, evaluator, path]: readonly [string, string, string],
  measured: Measured,
  samples: SampleValues | undefined,
) {
  const { value, interval, count } = measured
  const metric = metricOf(path, samples?.values, measured)
  const range = interval && intervalText(metric, interval)
  return [test, evaluator, metricLabel(metric), metricText(metric, value), range, count]
}
