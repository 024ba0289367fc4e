import {
  comparedDifference,
  comparedMetric,
  differenceIntervalText,
  differenceText,
  metricLabel,
  metricText,
  pValueText,
  type Table,
} from '../../report/index.ts'
import type { ComparedNumber, Comparison } from './compare.ts'

/** The headline numbers of two models, their paired difference with its interval, and McNemar's p, as a table. */
export const comparisonTable = ({ models, tests }: Comparison): Table => ({
  columns: [
    { title: 'Data' },
    { title: 'Evaluator' },
    { title: 'Metric' },
    ...models.map((title) => ({ title, align: 'right' as const })),
    { title: 'Difference', align: 'right' },
    { title: '95 % interval', align: 'right' },
    { title: "McNemar's p", align: 'right' },
  ],
  rows: Object.entries(tests).flatMap(([test, evaluators]) =>
    Object.entries(evaluators).flatMap(([evaluator, { headline, metrics }]) =>
      headline.flatMap((path) => {
        const compared = metrics[path]
        return compared ? [[test, evaluator, ...cellsOf(path, compared)]] : []
      }),
    ),
  ),
})

function cellsOf(path: string, compared: ComparedNumber): (string | undefined)[] {
  const { first, second, paired } = compared
  const metric = comparedMetric(path, compared)
  return [
    metricLabel(metric),
    metricText(metric, first.value),
    metricText(metric, second.value),
    differenceText(metric, comparedDifference(compared)),
    paired && differenceIntervalText(metric, paired.interval),
    paired?.mcNemar && pValueText(paired.mcNemar.p),
  ]
}
