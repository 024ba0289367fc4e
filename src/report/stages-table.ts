import { metricOf, metricText } from './measured-number.ts'
import { humanize } from './quantity.ts'
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
    metricText(metricOf(monitor), threshold),
    best && metricText(metricOf(monitor), best.value),
    steps,
    epochs,
    passed ? 'yes' : 'no',
  ]),
})
