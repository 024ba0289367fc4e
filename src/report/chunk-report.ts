import { htmlTable } from './html-table.ts'
import { humanize } from './quantity.ts'
import type { Table } from './table.ts'
import type { ReportPart } from './training-report.ts'

/** Errors of a policy that acts in chunks, on one test set. */
export interface ChunkResult {
  /** Mean distance of an action's numbers from the demonstrated ones, in units of their normalization. */
  readonly error: number
  /** The same of the first action of each chunk. */
  readonly firstError: number
}

/** A table with one row a test set. */
export const chunkTable = (results: Readonly<Record<string, ChunkResult>>): Table => ({
  columns: [{ title: 'Test set' }, { title: 'Error', digits: 4 }, { title: 'First action', digits: 4 }],
  rows: Object.entries(results).map(([set, { error, firstError }]) => [humanize(set), error, firstError]),
})

/** Errors of actions, as a part of a report. */
export const chunkReport = (results: Readonly<Record<string, ChunkResult>>): ReportPart => ({
  figures: Object.entries(results).map(([set, { error }]) => ({
    label: humanize(set),
    value: error.toFixed(4),
    more: 'error of actions, normalized',
  })),
  sections:
    Object.keys(results).length === 0
      ? []
      : [
          {
            title: 'Actions',
            note:
              'Mean distance of the numbers of predicted actions from the demonstrated ones, padding left out, in the units in which ' +
              'the policy learns: with mean and deviation, 1 is one deviation.',
            body: htmlTable(chunkTable(results)),
          },
        ],
})
