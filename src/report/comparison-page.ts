import { basename } from 'node:path'
import { type Html, html } from './html.ts'
import { htmlTable } from './html-table.ts'
import { intervalBar } from './interval-bar.ts'
import {
  differenceIntervalText,
  differenceText,
  type MeasuredNumber,
  type Metric,
  metricLabel,
  metricOf,
  metricText,
  pValueText,
} from './measured-number.ts'
import { page, type Section } from './page.ts'
import { formatNumber, humanize } from './quantity.ts'

/** One number of two models. */
export interface ComparedNumber {
  readonly first: MeasuredNumber
  readonly second: MeasuredNumber
  /** The comparison sample by sample; absent for numbers without values of samples. */
  readonly paired?: PairedNumber
}

/** A comparison of two models sample by sample. */
export interface PairedNumber {
  /** Mean of second − first. */
  readonly difference: number
  /** Interval that holds the true difference with 95 % confidence. */
  readonly interval: readonly [low: number, high: number]
  /** Number of samples that both were measured on. */
  readonly pairs: number
  /** McNemar's exact test, of values that are right or wrong. */
  readonly mcNemar?: { readonly onlyFirst: number; readonly onlySecond: number; readonly p: number }
}

/** Numbers of an evaluator by path, and the paths of those that the verdict counts. */
export interface ComparedFindings {
  readonly headline: readonly string[]
  readonly metrics: Readonly<Record<string, ComparedNumber>>
}

/** Content of {@link comparisonPage}. */
export interface ComparisonReport {
  readonly suite: string
  /** Directories of the two models, which the page calls A and B. */
  readonly models: readonly [first: string, second: string]
  /** Findings by data set, then by evaluator. */
  readonly tests: Readonly<Record<string, Readonly<Record<string, ComparedFindings>>>>
  /** Further sections by data set, such as the samples that only one of the two gets right. */
  readonly sections?: Readonly<Record<string, readonly Section[]>>
}

/** Verdict of a comparison on a number: the model that is better, if it is more than chance. */
export type ComparisonOutcome = 'a' | 'b' | 'differs' | 'none' | 'unpaired' | 'unknown'

/**
 * Two models side by side on the same samples: both values, their difference with its interval, McNemar's p, and which is
 * better, if the interval leaves out 0. The same input gives the same page.
 */
export function comparisonPage({ suite, models, tests, sections = {} }: ComparisonReport): string {
  const [nameA, nameB] = namesOf(models)
  return page({
    title: `${nameA} and ${nameB}`,
    subtitle: `Suite ${suite}, both models on the same samples`,
    contents: true,
    sections: [
      verdictSection(tests, nameA, nameB),
      ...Object.entries(tests).map(([test, byEvaluator]) => ({
        title: humanize(test),
        body: html`${Object.entries(byEvaluator).map(
          ([evaluator, findings]) => html`<div class="compared"><h3>${humanize(evaluator)}</h3>
${comparedTable(findings)}</div>
`,
        )}`,
        parts: sections[test] ?? [],
      })),
    ],
  })
}

/**
 * The better of two models by a number. `none`: the interval of the difference holds 0; `differs`: more than chance,
 * but the number is neither good nor bad; `unpaired`: it has no values of samples; `unknown`: a value is not finite.
 */
export function comparisonOutcome({ first, second, paired }: ComparedNumber): ComparisonOutcome {
  if (![first.value, second.value].every(Number.isFinite)) return 'unknown'
  if (!paired) return 'unpaired'
  const { difference, interval } = paired
  const [low, high] = interval
  if (![difference, low, high].every(Number.isFinite)) return 'unknown'
  if (low <= 0 && high >= 0) return 'none'
  if (first.better === undefined) return 'differs'
  return difference > 0 === (first.better === 'max') ? 'b' : 'a'
}

/** Names of two models: the last part of their directories, or all of them where that is the same. */
function namesOf([first, second]: readonly [string, string]): readonly [string, string] {
  const names = [basename(first), basename(second)] as const
  return names[0] === names[1] ? [first, second] : names
}

/** Count of the headline numbers by which either of the two is better, and their names. */
function verdictSection(tests: ComparisonReport['tests'], nameA: string, nameB: string): Section {
  const all = Object.entries(tests).flatMap(([test, byEvaluator]) =>
    Object.entries(byEvaluator).flatMap(([evaluator, { headline, metrics }]) =>
      headline.flatMap((path) => {
        const compared = metrics[path]
        const label = `${humanize(test)} · ${humanize(evaluator)} · ${metricLabel({ path })}`
        return compared
          ? [
              {
                metric: comparedMetric(path, compared),
                compared,
                label,
                outcome: comparisonOutcome(compared),
              },
            ]
          : []
      }),
    ),
  )
  const titles: readonly (readonly [ComparisonOutcome, string])[] = [
    ['b', `B, ${nameB}, is better`],
    ['a', `A, ${nameA}, is better`],
    ['differs', 'They differ, and neither is better'],
    ['none', 'No difference shown'],
    ['unpaired', 'Not compared sample by sample'],
    ['unknown', 'Cannot be compared: not a number'],
  ]
  const blocks = titles.flatMap(([outcome, title]) => {
    const lines = all.filter((entry) => entry.outcome === outcome)
    if (lines.length === 0) return []
    return html`<div class="${outcome}"><h3>${title}: ${lines.length} of ${all.length}</h3>
<ul>${lines.map(({ label, metric, compared }) => html`<li>${label} ${differenceText(metric, comparedDifference(compared))}</li>`)}</ul></div>
`
  })
  const note =
    `A is ${nameA}, B is ${nameB}. A difference is shown where its 95 % interval leaves out 0; of numbers without any ` +
    `difference, one in twenty would still do so by chance, and here are ${all.length}. p is of McNemar’s exact test, ` +
    'which asks how many samples only A and only B get right.'
  return { title: 'Verdict', note, body: html`<div class="judged">\n${blocks}</div>` }
}

const outcomes: Readonly<Record<ComparisonOutcome, string>> = {
  a: 'A is better',
  b: 'B is better',
  differs: 'they differ',
  none: 'no difference shown',
  unpaired: 'not paired',
  unknown: 'not a number',
}

/** The metric of a compared number; one with McNemar's test counts what is right, so it is a fraction whatever its name. */
export const comparedMetric = (path: string, { first, paired }: ComparedNumber): Metric =>
  metricOf(path, paired?.mcNemar && [1], first)

/** Difference second − first of a compared number, sample by sample where that was measured. */
export const comparedDifference = ({ first, second, paired }: ComparedNumber): number =>
  paired?.difference ?? second.value - first.value

/** The numbers of an evaluator, those of its headline first. */
function comparedTable({ headline, metrics }: ComparedFindings): Html {
  const paths = Object.keys(metrics)
  const ordered = [
    ...headline.filter((path) => path in metrics),
    ...paths.filter((path) => !headline.includes(path)),
  ]
  return htmlTable({
    columns: [
      { title: 'Number' },
      { title: 'A', align: 'right' },
      { title: 'B', align: 'right' },
      { title: 'B − A', align: 'right' },
      { title: 'Worse · better' },
      { title: '95 % interval' },
      { title: 'p', align: 'right' },
      { title: 'Pairs', align: 'right' },
      { title: 'Says' },
    ],
    rows: ordered.map((path) => comparedRow(path, metrics[path]!)),
  })
}

function comparedRow(path: string, compared: ComparedNumber): (string | Html | undefined)[] {
  const { first, second, paired } = compared
  const metric = comparedMetric(path, compared)
  const outcome = comparisonOutcome(compared)
  return [
    `${metricLabel(metric)}${first.better === 'min' ? ', less is better' : ''}`,
    metricText(metric, first.value),
    metricText(metric, second.value),
    differenceText(metric, comparedDifference(compared)),
    paired && differenceBar(metric, paired, first.better),
    paired && differenceIntervalText(metric, paired.interval),
    paired?.mcNemar && pValueText(paired.mcNemar.p),
    paired && formatNumber(paired.pairs),
    html`<span class="says ${outcome}">${outcomes[outcome]}</span>${paired?.mcNemar && onlyOne(paired.mcNemar)}`,
  ]
}

const onlyOne = ({ onlyFirst, onlySecond }: NonNullable<PairedNumber['mcNemar']>): Html =>
  html`<small class="only">only A ${formatNumber(onlyFirst)}, only B ${formatNumber(onlySecond)}</small>`

/** A difference over an axis with 0 in the middle, right where B is better. */
function differenceBar(
  metric: Metric,
  { difference, interval }: PairedNumber,
  better: MeasuredNumber['better'],
): Html {
  const [low, high] = better === 'min' ? ([-interval[1], -interval[0]] as const) : interval
  const reach = 1.1 * Math.max(Math.abs(low), Math.abs(high))
  return intervalBar({
    value: better === 'min' ? -difference : difference,
    interval: [low, high],
    axis: [-reach, reach],
    text: `B − A ${differenceText(metric, difference)}, 95 % interval ${differenceIntervalText(metric, interval)}`,
    reference: 0,
  })
}
