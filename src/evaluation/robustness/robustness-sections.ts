import {
  type Column,
  type Figure,
  formatNumber,
  Html,
  html,
  htmlTable,
  humanize,
  type LinePlot,
  linePlot,
  percent,
  type Section,
} from '../../report/index.ts'
import type { Measured } from '../suite/measured.ts'
import { axes, axisTitle } from './axes.ts'
import type { AxisResult, MeasureResult } from './robustness-numbers.ts'

/** `imageToText.R@1` → `Image to text, R@1` */
export const measureTitle = (measure: string): string => {
  const [first, ...rest] = measure.split('.').map(humanize)
  return [first, ...rest.map((word) => word.charAt(0).toLowerCase() + word.slice(1))]
    .join(', ')
    .replace('r@1', 'R@1')
}

/** Figures of each measure: what is kept under corruption, and the axis that costs most. */
export const robustnessFigures = (results: readonly MeasureResult[]): Figure[] =>
  results.map(({ measure, clean, corrupted, retained, worst }) => ({
    label: `${measureTitle(measure)}, corrupted`,
    value: percent(corrupted.value),
    more:
      `${percent(clean.value)} clean${retained ? `, ${percent(retained.value)} of it kept` : ''}; ` +
      `worst: ${axisTitle(worst.axis)}, ${percent(worst.share.value)}`,
  }))

/** The table of each measure: the share at every severity, its mean, and what is kept of the clean share. */
export function tableSection(results: readonly MeasureResult[]): Section {
  return {
    title: 'Robustness',
    note:
      'Percentages of samples that are right, with 95 % intervals, at each severity of each axis. Kept: the mean over the ' +
      'severities divided by the clean share. The worst axis is marked.',
    body: html`${results.map(
      (result) =>
        html`<h4>${measureTitle(result.measure)}: ${percentText(result.clean)} clean</h4>\n${tableOf(result)}\n`,
    )}`,
  }
}

function tableOf({ axes: found, worst, corrupted, retained }: MeasureResult): Html {
  const steps = [
    ...new Set(found.flatMap(({ conditions }) => conditions.map(({ severity }) => severity))),
  ].sort()
  const hasControl = found.some(({ conditions }) => conditions.some(({ control }) => control !== undefined))
  const columns: Column[] = [
    { title: 'Axis' },
    ...steps.map((severity): Column => ({ title: `Severity ${severity}`, align: 'right' })),
    { title: 'Mean', align: 'right' },
    { title: 'Kept', align: 'right' },
    ...(hasControl ? [{ title: 'Mean with other commands', align: 'right' } as const] : []),
  ]
  const rows = found.map((axis) => [
    axis === worst ? html`<b>${axisTitle(axis.axis)} (worst)</b>` : axisTitle(axis.axis),
    ...steps.map((step) => {
      const condition = axis.conditions.find(({ severity }) => severity === step)
      return condition && percentText(condition.share)
    }),
    percentText(axis.share),
    axis.retained && percentText(axis.retained),
    ...(hasControl ? [controlText(axis)] : []),
  ])
  const mean = [
    'All axes',
    ...steps.map(() => undefined),
    percentText(corrupted),
    retained && percentText(retained),
  ]
  return htmlTable({ columns, rows: [...rows, hasControl ? [...mean, undefined] : mean] })
}

/** `45.2 % (41–50)` */
const percentText = ({ value, interval }: Measured): string =>
  percent(value) + (interval ? ` (${interval.map((end) => formatNumber(100 * end, 0)).join('–')})` : '')

function controlText({ conditions }: AxisResult): string | undefined {
  const controls = conditions.flatMap(({ control }) => control ?? [])
  return controls.length === 0 ? undefined : percent(controls.reduce((a, b) => a + b) / controls.length)
}

/** Curves over the severity, of images and of texts apart. */
export async function curvesSection(results: readonly MeasureResult[]): Promise<Section> {
  const plots = results.flatMap((result) =>
    (['images', 'texts'] as const).flatMap((of) => {
      const found = result.axes.filter(({ axis }) => axes[axis].of === of)
      return found.length === 0 ? [] : [plotOf(result, found, of)]
    }),
  )
  const drawn = await Promise.all(plots.map(linePlot))
  return {
    title: 'Curves',
    note: 'Severity 0 is the data as it is. Bars are 95 % intervals; points are moved apart a little so that these can be told.',
    body: html`<div class="plots">${drawn.map((svg) => html`<figure>${new Html(svg)}</figure>\n`)}</div>`,
  }
}

function plotOf(
  { measure, clean }: MeasureResult,
  found: readonly AxisResult[],
  of: 'images' | 'texts',
): LinePlot {
  return {
    title: `${measureTitle(measure)}, corrupted ${of}`,
    x: { title: 'Severity' },
    y: { title: 'Part right', scale: 'zero', format: '.0%' },
    series: found.map(({ axis, conditions }, i) => {
      const apart = 0.06 * (i - (found.length - 1) / 2)
      return {
        name: axisTitle(axis),
        points: [{ severity: 0, share: clean }, ...conditions].map(({ severity, share }) => ({
          x: severity + apart,
          y: share.value,
          ...(share.interval && { interval: share.interval }),
        })),
      }
    }),
  }
}
