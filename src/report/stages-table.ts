import { humanize, quantity } from './quantity.ts'
import type { StageRecord } from './run-summary.ts'
import type { Table } from './table.ts'

/** A table with one row a training of a stage: its target, its result, and its length. */
export const stagesTable = (stages: readonly StageRecord[]): Table => ({
  columns: [
    { title: 'Stage' },
    { title: 'Repeat' },
    { title: 'Heads' },
    { title: 'Measured by' },
    { title: 'Threshold', align: 'right' },
    { title: 'Reached', align: 'right' },
    { title: 'Steps' },
    { title: 'Epochs', digits: 1 },
    { title: 'Passed' },
  ],
  rows: stages.map(({ stage, repeat, heads, monitor, threshold, best, steps, epochs, passed }) => [
    humanize(stage),
    repeat,
    heads.join(', '),
    monitor,
    metricText(monitor, threshold),
    best && metricText(monitor, best.value),
    steps,
    epochs,
    passed ? 'yes' : 'no',
  ]),
})

/** A metric in its unit, by the end of its path. */
const metricText = (path: string, value: number): string => quantity(path.split('.').at(-1)!, value).text
