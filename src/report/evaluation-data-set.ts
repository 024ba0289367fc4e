import type { EvaluatorFindings } from './evaluation-page.ts'
import { type Headline, headlineLabel } from './evaluation-verdict.ts'
import { type Html, html } from './html.ts'
import {
  intervalText,
  type MeasuredNumber,
  type Metric,
  metricAxis,
  metricLabel,
  metricOf,
  metricText,
} from './measured-number.ts'
import { measuredTable } from './measured-table.ts'
import { figureList, type Section } from './page.ts'
import { humanize } from './quantity.ts'

/** Section of a data set: what is good and what fails, and beneath it each evaluator's numbers and pictures. */
export const dataSetSection = (
  test: string,
  findings: Readonly<Record<string, EvaluatorFindings>>,
  found: readonly Headline[],
): Section => ({
  title: humanize(test),
  body: html`<div class="judged">
${judgements(test, found).map(judgementOf)}</div>`,
  parts: Object.entries(findings).map(evaluatorSection),
})

/** Headlines of a data set about which the same is to be said. */
interface Judgement {
  readonly title: string
  readonly kind: 'right' | 'wrong'
  readonly lines: readonly string[]
}

/** Judgements of what is good and what fails on a data set, by its headlines; what is neither is left out. */
function judgements(test: string, found: readonly Headline[]): Judgement[] {
  const here = found.flatMap((headline) =>
    headline.byTest.filter(([name]) => name === test).map(([, measured]) => ({ headline, measured })),
  )
  const parts = here.flatMap(({ headline, measured }) => {
    const part = partRight(headline.metric, measured)
    return part === undefined ? [] : [{ headline, measured, part }]
  })
  const compared = here.flatMap(({ headline, measured }) => {
    const side = sideOfMean(headline, measured)
    return side === undefined ? [] : [{ headline, measured, side }]
  })
  const lines = (entries: readonly { headline: Headline; measured: MeasuredNumber }[]) => entries.map(lineOf)
  const all: Judgement[] = [
    {
      title: 'Right more often than not',
      kind: 'right',
      lines: lines(parts.filter(({ part }) => part >= 0.5).sort((a, b) => b.part - a.part)),
    },
    {
      title: 'Wrong more often than not',
      kind: 'wrong',
      lines: lines(parts.filter(({ part }) => part < 0.5).sort((a, b) => a.part - b.part)),
    },
    {
      title: 'Better here than the mean of the data sets',
      kind: 'right',
      lines: lines(compared.filter(({ side }) => side === 'better')),
    },
    {
      title: 'Worse here than the mean of the data sets',
      kind: 'wrong',
      lines: lines(compared.filter(({ side }) => side === 'worse')),
    },
  ]
  return all.filter(({ lines }) => lines.length > 0)
}

const judgementOf = ({ title, kind, lines }: Judgement): Html => html`<div class="${kind}"><h3>${title}</h3>
<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div>
`

const lineOf = ({ headline, measured }: { headline: Headline; measured: MeasuredNumber }): string => {
  const interval = measured.interval ? ` (${intervalText(headline.metric, measured.interval)})` : ''
  return `${headlineLabel(headline)} ${metricText(headline.metric, measured.value)}${interval}`.replaceAll(
    ' %',
    '\u00a0%',
  )
}

/** Part of the cases that are right; undefined for numbers that do not say it, such as a difference or a part that is retained. */
function partRight({ path, range }: Metric, { value, better }: MeasuredNumber): number | undefined {
  const saysIt = better === 'max' && !path.endsWith('Fraction') && Number.isFinite(value)
  return saysIt && range?.[0] === 0 ? value / range[1] : undefined
}

/** Side of the mean over the data sets on which a number lies, where that mean is outside its interval. */
function sideOfMean(
  { aggregate, byTest }: Headline,
  { interval, better }: MeasuredNumber,
): 'better' | 'worse' | undefined {
  if (!aggregate || byTest.length < 2 || !interval || better === undefined) return undefined
  const [low, high] = better === 'max' ? interval : ([-interval[1], -interval[0]] as const)
  const mean = better === 'max' ? aggregate.mean : -aggregate.mean
  return low > mean ? 'better' : high < mean ? 'worse' : undefined
}

function evaluatorSection([evaluator, findings]: readonly [string, EvaluatorFindings]): Section {
  const { metrics, samples, headline, sections, figures = [] } = findings
  const rows = Object.entries(metrics).map(([path, measured]) => {
    const metric = metricOf(path, samples?.[path]?.values, measured)
    return { label: metricLabel(metric), metric, measured, axis: metricAxis(metric, [measured]) }
  })
  const first = rows.filter(({ metric }) => headline.includes(metric.path))
  const rest = rows.filter(({ metric }) => !headline.includes(metric.path))
  return {
    title: humanize(evaluator),
    body: html`${figures.length > 0 ? figureList(figures) : ''}${measuredTable('Number', first)}
${
  rest.length > 0
    ? html`<details><summary>${rest.length} more ${rest.length === 1 ? 'number' : 'numbers'}</summary>
${measuredTable('Number', rest)}
</details>`
    : ''
}`,
    parts: sections,
  }
}
