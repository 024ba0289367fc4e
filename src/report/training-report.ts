import { flatten } from './flatten.ts'
import { type Html, html } from './html.ts'
import { htmlTable } from './html-table.ts'
import { type Figure, page, type Section } from './page.ts'
import { type AnsweredQuery, pictureGrid } from './picture-grid.ts'
import { headsOf, type PolicyResult, policyTable } from './policy-table.ts'
import { formatDuration, formatNumber, humanize, quantity } from './quantity.ts'
import { type RetrievalResult, retrievalTable } from './retrieval-table.ts'
import { type StageResult, stagesTable } from './stages-table.ts'
import type { Table } from './table.ts'
import { type MetricsRow, trainingCurves } from './training-curves.ts'

/** The final numbers of a run, as in its `summary.json`. Fields beyond these are listed too. */
export interface RunSummary {
  readonly samplesPerSecond?: number
  readonly trainSeconds?: number
  /** Retrieval by test set. */
  readonly retrieval?: Readonly<Record<string, RetrievalResult>>
  /** Each training of each stage, for a progressive run. */
  readonly stages?: readonly StageResult[]
  /** Results of a policy by test set. */
  readonly policy?: Readonly<Record<string, PolicyResult>>
}

/** Queries of one kind with the items found for each. */
export interface TitledGrid {
  readonly title: string
  readonly queries: readonly AnsweredQuery[]
}

/** Content of the report of a run. */
export interface TrainingReport {
  readonly title: string
  readonly subtitle?: string
  readonly summary: RunSummary
  /** The lines of `metrics.jsonl`. */
  readonly metrics: readonly MetricsRow[]
  readonly grids: readonly TitledGrid[]
  /** The resolved recipe. */
  readonly config: object
}

/**
 * The `report.html` of a run: final numbers, retrieval in both directions, queries with the items found, curves
 * of the training, and the configuration. The same input gives the same page.
 */
export async function trainingReport(report: TrainingReport): Promise<string> {
  const { title, subtitle, summary, metrics, grids, config } = report
  const { retrieval = {}, policy = {}, stages = [], ...numbers } = summary
  const curves = await trainingCurves(metrics)
  return page({
    title,
    ...(subtitle !== undefined && { subtitle }),
    figures: [...retrievalFigures(retrieval), ...policyFigures(policy), ...speedFigures(summary)],
    sections: [
      ...retrievalSection(retrieval),
      ...policySection(policy),
      ...stagesSection(stages),
      ...grids.map((grid) => ({ title: grid.title, body: pictureGrid(grid.queries) })),
      ...(curves.length > 0 ? [{ title: 'Training', body: html`<div class="plots">\n${curves}</div>` }] : []),
      ...(Object.keys(numbers).length > 0
        ? [{ title: 'Final numbers', body: htmlTable(numbersTable(numbers)) }]
        : []),
      { title: 'Configuration', note: configNote, body: htmlTable(configTable(config)) },
    ],
  })
}

const configNote = 'Each path can be given to the command line: --set path=value.'

function retrievalSection(retrieval: Readonly<Record<string, RetrievalResult>>): Section[] {
  if (Object.keys(retrieval).length === 0) return []
  const note =
    'R@k: percent of queries with a correct item among the first k. MedR and MeanR: median and mean rank of the ' +
    'first correct item. Ranks are taken over the whole gallery; ties count against the model.'
  return [{ title: 'Retrieval', note, body: htmlTable(retrievalTable(retrieval)) }]
}

function policySection(policy: Readonly<Record<string, PolicyResult>>): Section[] {
  if (Object.keys(policy).length === 0) return []
  const note =
    'Success: percent of the samples whose prediction is within tolerance. Other commands: the same pictures with the ' +
    'commands of other scenes; what is still right there does not come from the command.'
  return [{ title: 'Right answers', note, body: htmlTable(policyTable(policy)) }]
}

function stagesSection(stages: readonly StageResult[]): Section[] {
  if (stages.length === 0) return []
  const note =
    'Each stage begins with the weights of the one before. It passes when its number on the validation data reaches the ' +
    'threshold; without that it ends with its budget.'
  return [{ title: 'Stages', note, body: htmlTable(stagesTable(stages)) }]
}

/** Figures of a policy on the first test set. */
const policyFigures = (policy: Readonly<Record<string, PolicyResult>>): Figure[] =>
  headsOf(policy)
    .filter(([set]) => set === Object.keys(policy)[0])
    .map(([set, head, { success = Number.NaN }]) => ({
      label: humanize(head),
      value: `${formatNumber(100 * success, 1)} %`,
      more: `right answers, ${humanize(set).toLowerCase()}`,
    }))

const retrievalFigures = (retrieval: Readonly<Record<string, RetrievalResult>>): Figure[] =>
  Object.entries(retrieval).flatMap(([set, { imageToText, textToImage }]) => [
    recallFigure(set, 'image → text', imageToText),
    recallFigure(set, 'text → image', textToImage),
  ])

const recallFigure = (set: string, direction: string, metrics: Readonly<Record<string, number>>): Figure => ({
  label: humanize(set),
  value: `${formatNumber(metrics['R@1'] ?? Number.NaN, 1)} %`,
  more: `R@1, ${direction}`,
})

function speedFigures({ trainSeconds, samplesPerSecond }: RunSummary): Figure[] {
  if (trainSeconds === undefined) return []
  const speed = samplesPerSecond !== undefined && {
    more: `${formatNumber(samplesPerSecond, 0)} samples per second`,
  }
  return [{ label: 'Training time', value: formatDuration(trainSeconds), ...speed }]
}

const numbersTable = (numbers: object): Table => ({
  columns: [{ title: 'Number' }, { title: 'Value', align: 'right' }],
  rows: flatten(numbers).map(([path, value]) => {
    const names = path.split('.')
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
