import type { AggregatedMetric, EvaluationReport } from './evaluation-page.ts'
import { type Html, html } from './html.ts'
import {
  intervalText,
  type MeasuredNumber,
  type Metric,
  measuredBar,
  metricAxis,
  metricLabel,
  metricOf,
  metricText,
} from './measured-number.ts'
import { measuredTable } from './measured-table.ts'
import type { Figure, Section } from './page.ts'
import { formatNumber, humanize } from './quantity.ts'

/** A headline metric with its numbers on each data set that has it. */
export interface Headline {
  /** `evaluator/path`. */
  readonly key: string
  readonly evaluator: string
  readonly metric: Metric
  readonly byTest: readonly (readonly [test: string, measured: MeasuredNumber])[]
  /** Mean over the data sets, where there are several. */
  readonly aggregate: AggregatedMetric | undefined
}

/** Number of headlines that stand in large figures. */
const largeFigures = 6

/** The headline metrics of a suite, in the order in which they are first found. */
export function headlines(
  tests: EvaluationReport['tests'],
  aggregate: EvaluationReport['aggregate'],
): Headline[] {
  const found = new Map<string, Headline & { byTest: [string, MeasuredNumber][] }>()
  for (const [test, findings] of Object.entries(tests)) {
    for (const [evaluator, { headline, metrics, samples }] of Object.entries(findings)) {
      for (const path of headline) {
        const measured = metrics[path]
        if (measured === undefined) continue
        const key = `${evaluator}/${path}`
        const entry = found.get(key) ?? {
          key,
          evaluator,
          metric: metricOf(path, samples?.[path]?.values, measured),
          byTest: [],
          aggregate: aggregate[key],
        }
        entry.byTest.push([test, measured])
        found.set(key, entry)
      }
    }
  }
  return [...found.values()]
}

/** Name of a headline: `Zero shot · Accuracy`. */
export const headlineLabel = ({ evaluator, metric }: Pick<Headline, 'evaluator' | 'metric'>): string =>
  `${humanize(evaluator)} · ${metricLabel(metric)}`

/** The first headline of each evaluator as a large figure: a mean with what it hides, or the number of the only data set. */
export function headlineFigures(found: readonly Headline[]): Figure[] {
  const first = found.filter(
    ({ evaluator }, i) => found.findIndex((other) => other.evaluator === evaluator) === i,
  )
  return first.slice(0, largeFigures).map(figureOf)
}

function figureOf(headline: Headline): Figure {
  const { metric, byTest, aggregate } = headline
  const [[test, measured]] = byTest as [[string, MeasuredNumber]]
  const label = headlineLabel(headline)
  if (byTest.length > 1 && aggregate) {
    const { mean, worst, tests } = aggregate
    const worstText = `worst ${metricText(metric, worst.measured.value)} on ${humanize(worst.test)}`
    return { label, value: metricText(metric, mean), more: `mean of ${tests} data sets; ${worstText}` }
  }
  const interval = measured.interval && `${intervalText(metric, measured.interval)}, 95 % interval; `
  return {
    label,
    value: metricText(metric, measured.value),
    bar: measuredBar(metric, measured, metricAxis(metric, [measured])),
    more: `${interval ?? ''}${samplesText(measured.count)} of ${humanize(test)}`.replaceAll(' %', '\u00a0%'),
  }
}

const samplesText = (count: number): string => `${formatNumber(count)} ${count === 1 ? 'sample' : 'samples'}`

/** Each headline metric on every data set: over one axis where they are several, and beside the mean what it hides. */
export function verdictSection(found: readonly Headline[]): Section {
  const note =
    'Bars hold the true value with 95 % confidence, ticks are what was measured. Where the bars of two data sets overlap, one ' +
    'may be as good as the other.'
  const tests = new Set(found.flatMap(({ byTest }) => byTest.map(([test]) => test)))
  const single = found.filter(({ byTest }) => byTest.length === 1)
  const evaluators = [...new Set(single.map(({ evaluator }) => evaluator))]
  const blocks = [
    ...found.filter(({ byTest }) => byTest.length > 1).map(headlineBlock),
    ...evaluators.map((evaluator) => evaluatorBlock(evaluator, single, tests.size > 1)),
  ]
  return { title: 'Verdict', note, body: html`${blocks}` }
}

/** The headlines of an evaluator that only one data set has, with its name where a suite has several. */
function evaluatorBlock(evaluator: string, single: readonly Headline[], namesTests: boolean): Html {
  const own = single.filter((headline) => headline.evaluator === evaluator)
  const rows = own.flatMap(({ metric, byTest }) =>
    byTest.map(([test, measured]) => ({
      label: `${metricLabel(metric)}${namesTests ? `, ${humanize(test)}` : ''}`,
      metric,
      measured,
      axis: metricAxis(metric, [measured]),
    })),
  )
  return html`<div class="measure">
<h3>${humanize(evaluator)}</h3>
${measuredTable('Number', rows)}
</div>
`
}

/** A headline on every data set that has it, over one axis. */
function headlineBlock(headline: Headline): Html {
  const { metric, byTest, aggregate } = headline
  const axis = metricAxis(
    metric,
    byTest.map(([, measured]) => measured),
  )
  const rows = byTest.map(([test, measured]) => ({ label: humanize(test), metric, measured, axis }))
  return html`<div class="measure">
<h3>${headlineLabel(headline)}</h3>
${aggregate ? html`<p class="note">${aggregateText(metric, aggregate)}</p>\n` : ''}\
${measuredTable('Data set', rows)}
</div>
`
}

/** The mean of a metric beside the worst data set and the spread. */
function aggregateText(metric: Metric, { mean, worst, spread, tests }: AggregatedMetric): string {
  const spreadText = spread === undefined ? '' : `, standard deviation ${metricText(metric, spread)}`
  return (
    `Mean of ${tests} data sets ${metricText(metric, mean)}${spreadText}. ` +
    `Worst: ${metricText(metric, worst.measured.value)} on ${humanize(worst.test)}.`
  )
}
