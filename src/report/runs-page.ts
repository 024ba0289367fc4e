import { flatten } from './flatten.ts'
import { type Html, html } from './html.ts'
import { htmlTable } from './html-table.ts'
import { lineColor } from './line-looks.ts'
import { page, type Section } from './page.ts'
import { formatDuration, formatNumber, humanize, quantity } from './quantity.ts'
import { recipeDifferences } from './recipe-differences.ts'
import type { RunSummary } from './run-summary.ts'
import { runsCurves } from './runs-curves.ts'
import { isOneThing, isSameTest, numbersOfAll, numbersOfSome } from './runs-numbers.ts'
import type { MetricsRow } from './training-curves.ts'

/** A run among others. */
export interface ComparedRun {
  /** Name, unique among them. */
  readonly name: string
  /** Kind of its objective. Losses of other objectives are on another scale. */
  readonly objective: string
  /** Samples of a step; undefined where it changes. */
  readonly batchSize: number | undefined
  /** Epochs that it was to do. */
  readonly epochs: number
  /** Path of the metric that chose its best step. */
  readonly monitor: string
  /** Directions in which numbers of a test get better, by path. */
  readonly directions: Readonly<Record<string, 'max' | 'min'>>
  /** Validation data of the recipe; undefined without any. */
  readonly validation: unknown
  /** Data of each test of the recipe, by name. */
  readonly tests: Readonly<Record<string, unknown>>
  /** The resolved recipe. */
  readonly config: object
  /** The lines of `metrics.jsonl`. */
  readonly metrics: readonly MetricsRow[]
  /** Final numbers; undefined of a run that is not finished. */
  readonly summary?: RunSummary
}

/**
 * Several runs laid over each other: where each stands, their curves in common plots, their final numbers, and the keys in
 * which their recipes differ. The same input gives the same page.
 */
export async function runsPage(runs: readonly ComparedRun[]): Promise<string> {
  const warnings = cautions(runs)
  const curves = await runsCurves(runs)
  const some = numbersOfSome(runs)
  const sections: (Section | undefined)[] = [
    { title: 'Runs', body: htmlTable(runsTable(runs)) },
    warnings.length > 0
      ? {
          title: 'Before you compare',
          body: html`<ul>${warnings.map((text) => html`<li>${text}</li>`)}</ul>`,
        }
      : undefined,
    curves.plots.length > 0
      ? { title: 'Curves', note: curves.note, body: html`<div class="plots">\n${curves.plots}</div>` }
      : undefined,
    ...numbersSections(numbersOfAll(runs), some),
    differencesSection(runs),
  ]
  return page({
    title: listed(runs.map(({ name }) => name)),
    subtitle: `${runs.length} runs laid over each other`,
    contents: true,
    sections: sections.filter((section) => section !== undefined),
  })
}

function runsTable(runs: readonly ComparedRun[]): Parameters<typeof htmlTable>[0] {
  return {
    columns: [
      { title: 'Run' },
      { title: 'Objective' },
      { title: 'State' },
      { title: 'Steps', align: 'right' },
      { title: 'Epochs', align: 'right' },
      { title: 'Best validation' },
      { title: 'Training time', align: 'right' },
      { title: 'Samples a second', align: 'right' },
    ],
    rows: runs.map((run, i) => {
      const { step, epoch } = endOf(run)
      const best = run.summary?.best
      return [
        nameOf(run.name, i),
        run.objective,
        run.summary ? 'finished' : 'stopped, or still in training',
        formatNumber(step),
        `${formatNumber(epoch, 1)} of ${formatNumber(run.epochs)}`,
        best &&
          `${quantity(run.monitor.split('.').at(-1)!, best.value).text}, ${run.monitor}, step ${best.step}`,
        ...speedOf(run),
      ]
    }),
  }
}

/** Name of the `i`-th run beside the colour of its lines. */
export const nameOf = (name: string, i: number): Html =>
  html`<span class="run"><i class="swatch" style="background:${lineColor(i)}"></i>${name}</span>`

/** Training time and samples a second; of a run without final numbers about, by the rates in its log. */
function speedOf({
  summary,
  metrics,
  batchSize,
}: ComparedRun): [time: string | undefined, rate: string | undefined] {
  if (summary) return [formatDuration(summary.trainSeconds), rateText(summary.samplesPerSecond)]
  const logged = metrics.filter((row) => typeof row.samplesPerSecond === 'number')
  const rates = logged.map((row) => row.samplesPerSecond as number).filter((rate) => rate > 0)
  if (rates.length === 0) return [undefined, undefined]
  // Lines of a log are equally many samples apart, so that their rates have a harmonic mean.
  const rate = rates.length / rates.reduce((sum, rate) => sum + 1 / rate, 0)
  const step = logged.at(-1)?.step
  const time = batchSize !== undefined && typeof step === 'number' ? (step * batchSize) / rate : undefined
  return [time === undefined ? undefined : `about ${formatDuration(time)}`, `about ${rateText(rate)}`]
}

const rateText = (rate: number): string => formatNumber(rate, rate < 10 ? 1 : 0)

/** Step and epoch of the end of a log. */
function endOf({ metrics, summary }: ComparedRun): { readonly step: number; readonly epoch: number } {
  const numbers = (key: string) => metrics.map((row) => row[key]).filter((value) => typeof value === 'number')
  return { step: summary?.steps ?? numbers('step').at(-1) ?? 0, epoch: numbers('epoch').at(-1) ?? 0 }
}

/** Warnings to read before numbers of these runs are compared. */
function cautions(runs: readonly ComparedRun[]): string[] {
  const objectives = [...new Set(runs.map(({ objective }) => objective))]
  const unfinished = runs.filter(({ summary }) => !summary).map(({ name }) => name)
  const tests = [...new Set(runs.flatMap(({ tests }) => Object.keys(tests)))]
  const differing = [
    ...(isOneThing(runs.map(({ validation }) => validation)) ? [] : ['The validation']),
    ...tests.filter((name) => !isSameTest(name, runs)).map((name) => `The test ${humanize(name)}`),
  ]
  return [
    ...(objectives.length > 1
      ? [
          `The objectives differ (${listed(objectives)}): their losses are on different scales and drawn apart; numbers ` +
            'that only some have stand in a table of their own.',
        ]
      : []),
    ...differing.map((name) => `${name} uses different data in these runs, so its numbers do not compare.`),
    ...(unfinished.length > 0 ? [`Without final numbers, as not finished: ${listed(unfinished)}.`] : []),
  ]
}

function numbersSections(
  all: ReturnType<typeof numbersOfAll>,
  some: ReturnType<typeof numbersOfSome>,
): Section[] {
  const note =
    'The best of a row is bold, where all are tested on the same data. A run is one seed and has no interval here: evaluate --compare says whether a difference is ' +
    'more than chance.'
  return [
    ...(all.rows.length > 0 ? [{ title: 'Final numbers', note, body: htmlTable(all) }] : []),
    ...(some.rows.length > 0
      ? [
          {
            title: 'Numbers that only some have',
            note: 'A finished run with – did not measure it.',
            body: htmlTable(some),
          },
        ]
      : []),
  ]
}

function differencesSection(runs: readonly ComparedRun[]): Section {
  const rows = recipeDifferences(runs.map(({ config }) => new Map(flatten(config))))
  if (rows.length === 0)
    return { title: 'Differences of the recipes', body: html`<p>The recipes are the same, key by key.</p>` }
  return {
    title: 'Differences of the recipes',
    note: 'Only keys that differ; – where a recipe has no such key.',
    body: htmlTable({
      columns: [{ title: 'Path' }, ...runs.map(({ name }) => ({ title: name }))],
      rows: rows.map(([path, values]) => [
        html`<code>${path}</code>`,
        ...values.map((value) => (value === undefined ? undefined : html`<code>${value}</code>`)),
      ]),
    }),
  }
}

/** `a`, `a and b`, `a, b and c`. */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
