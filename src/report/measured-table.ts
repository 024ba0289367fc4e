import { type Html, html } from './html.ts'
import { intervalBar } from './interval-bar.ts'
import { intervalText, type MeasuredNumber, type Metric, measuredBar, metricText } from './measured-number.ts'
import { formatNumber } from './quantity.ts'

/** A row of {@link measuredTable}. */
export interface MeasuredRow {
  readonly label: string
  readonly metric: Metric
  readonly measured: MeasuredNumber
  /** Values at both ends of its bar. */
  readonly axis: readonly [left: number, right: number]
}

/** Measured numbers with their intervals as bars, and the count of their samples; two lines each in a narrow window. */
export const measuredTable = (
  heading: string,
  rows: readonly MeasuredRow[],
): Html => html`<div class="table"><table class="measured">
<thead><tr><th scope="col">${heading}</th><th class="number" scope="col">Value</th>\
<th scope="col">${axisText(rows)}</th><th scope="col">95 % interval</th><th class="number" scope="col">Samples</th></tr></thead>
<tbody>
${rows.map(rowOf)}</tbody>
</table></div>`

const rowOf = ({ label, metric, measured, axis }: MeasuredRow): Html => html`<tr><th scope="row">${label}\
${measured.better === 'min' ? html` <small>less is better</small>` : ''}</th>\
<td class="number">${metricText(metric, measured.value)}</td>\
<td class="bar">${measured.interval ? intervalBar(measuredBar(metric, measured, axis)) : ''}</td>\
<td class="text">${measured.interval ? intervalText(metric, measured.interval) : '–'}</td>\
<td class="number" data-title="samples">${formatNumber(measured.count)}</td></tr>
`

/** Title of the bars, with their span where it is the same for all. */
function axisText(rows: readonly MeasuredRow[]): string {
  const texts = new Set(rows.map(({ metric, axis }) => axisLabel(metric, axis)))
  return texts.size === 1 ? `Bar: ${[...texts][0]}` : 'Bar'
}

const axisLabel = (metric: Metric, axis: readonly [number, number]): string =>
  metric.range ? `${metric.range[0] < 0 ? '−100' : '0'} to 100 %` : intervalText(metric, axis)
