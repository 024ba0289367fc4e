import { flatten } from './flatten.ts'
import { type Html, html } from './html.ts'
import { htmlTable } from './html-table.ts'
import { type PictureStrip, pictureStrips } from './marked-pictures.ts'
import { type Figure, page, type Section } from './page.ts'
import { type AnsweredQuery, pictureGrid } from './picture-grid.ts'
import { formatDuration, formatNumber, humanize, quantity } from './quantity.ts'
import type { RunSummary, StageRecord } from './run-summary.ts'
import { stagesTable } from './stages-table.ts'
import type { Table } from './table.ts'
import { type MetricsRow, trainingCurves } from './training-curves.ts'
import { wiseFtSection } from './wise-ft-section.ts'

/** Examples of a test: queries of one kind with the items found for each, or images with marks. */
export type TitledGrid = {
  readonly title: string
  readonly note?: string
} & ({ readonly queries: readonly AnsweredQuery[] } | { readonly strips: readonly PictureStrip[] })

/** A part of a report: large figures, and sections. */
export interface ReportPart {
  readonly figures: readonly Figure[]
  readonly sections: readonly Section[]
}

/** Content of the report of a run. */
export interface TrainingReport {
  readonly title: string
  readonly subtitle?: string
  /** Final numbers; none of a run that is not finished. */
  readonly summary?: Partial<RunSummary>
  /** Path of the metric that chose the best step; `summary.best` is in its unit. */
  readonly monitor?: string
  /** Results of the tests, as the objective shows them. */
  readonly results: ReportPart
  /** The lines of `metrics.jsonl`. */
  readonly metrics: readonly MetricsRow[]
  readonly grids: readonly TitledGrid[]
  /** The resolved recipe. */
  readonly config: object
}

/**
 * The `report.html` of a run: final numbers, results of the tests with examples, curves of the training, and the
 * configuration. The same input gives the same page.
 */
export async function trainingReport(report: TrainingReport): Promise<string> {
  const { title, subtitle, summary = {}, monitor = 'value', results, metrics, grids, config } = report
  const { results: _, control: __, stages = [], wiseFt = [], ...numbers } = summary
  const curves = await trainingCurves(metrics)
  return page({
    title,
    ...(subtitle !== undefined && { subtitle }),
    figures: [...results.figures, ...speedFigures(summary)],
    sections: [
      ...results.sections,
      ...stagesSection(stages),
      ...(await wiseFtSection(wiseFt, monitor)),
      ...grids.map(gridSection),
      ...(curves.length > 0 ? [{ title: 'Training', body: html`<div class="plots">\n${curves}</div>` }] : []),
      ...(Object.keys(numbers).length > 0
        ? [{ title: 'Final numbers', body: htmlTable(numbersTable(numbers, monitor)) }]
        : []),
      { title: 'Configuration', note: configNote, body: htmlTable(configTable(config)) },
    ],
  })
}

/** Examples as a section of a page. */
export const gridSection = (grid: TitledGrid): Section => ({
  title: grid.title,
  ...(grid.note !== undefined && { note: grid.note }),
  body: 'queries' in grid ? pictureGrid(grid.queries) : pictureStrips(grid.strips),
})

const configNote = 'Each path can be given to the command line: --set path=value.'

function stagesSection(stages: readonly StageRecord[]): Section[] {
  if (stages.length === 0) return []
  const note =
    'Each stage begins with the weights of the one before. It passes when its number on the validation data reaches the ' +
    'threshold; without that it ends with its budget.'
  return [{ title: 'Stages', note, body: htmlTable(stagesTable(stages)) }]
}

function speedFigures({ trainSeconds, samplesPerSecond }: Partial<RunSummary>): Figure[] {
  if (trainSeconds === undefined) return []
  const speed = samplesPerSecond !== undefined && {
    more: `${formatNumber(samplesPerSecond, 0)} samples per second`,
  }
  return [{ label: 'Training time', value: formatDuration(trainSeconds), ...speed }]
}

const numbersTable = (numbers: object, monitor: string): Table => ({
  columns: [{ title: 'Number' }, { title: 'Value', align: 'right' }],
  rows: flatten(numbers).map(([path, value]) => {
    const names = (path === 'best.value' ? `best.${monitor}` : path).split('.')
    const { label, text } = quantity(names.at(-1)!, typeof value === 'number' ? value : String(value))
    return [[...names.slice(0, -1).map(humanize), label].join(' · '), text]
  }),
})

const configTable = (config: object): Table<Html> => ({
  columns: [{ title: 'Path' }, { title: 'Value' }],
  rows: flatten(config).map(([path, value]) => [
    html`<code>${path}</code>`,
    html`<code>${JSON.stringify(value)}</code>`,
  ]),
})
