import { formatNumber, humanize, type Table } from '../../report/index.ts'
import type { Comparison } from './compare.ts'
import { textOf } from './result-table.ts'

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
        if (!compared) return []
        const { first, second, paired } = compared
        const text = (value: number) => textOf(path, value, first.unit)
        const numbers = [text(first.value), text(second.value)]
        return [
          [
            ...[test, evaluator, path.split('.').map(humanize).join(' · '), ...numbers],
            text(paired?.difference ?? second.value - first.value),
            paired && `${text(paired.interval[0])} to ${text(paired.interval[1])}`,
            paired?.mcNemar && formatNumber(paired.mcNemar.p, 4),
          ],
        ]
      }),
    ),
  ),
})
