import { flatten } from './flatten.ts'
import { Html, html } from './html.ts'
import type { Section } from './page.ts'
import { linePlot, type Series } from './plot.ts'
import { humanize } from './quantity.ts'
import type { WiseFtPoint } from './run-summary.ts'

const note =
  'Weights between the base (0) and the fine-tuned model (1), θ = (1 − α)·base + α·tuned. visuomotor export --wise-ft ' +
  'writes those of one α.'

/** The section with the curve of WiSE-FT: the monitored metric by α, on the validation data and on each test. */
export async function wiseFtSection(points: readonly WiseFtPoint[], monitor: string): Promise<Section[]> {
  const names = Object.keys(points[0]?.tests ?? {})
  const series = [
    seriesOf('validation', points, ({ validation }) => metricAt(validation, monitor)),
    ...names.map((name) => seriesOf(humanize(name), points, ({ tests }) => metricAt(tests[name], monitor))),
  ].filter(({ points }) => points.length > 0)
  if (series.length === 0) return []
  const svg = await linePlot({
    title: monitor,
    x: { title: 'α' },
    y: { title: monitor, scale: 'data' },
    series,
  })
  const body = html`<div class="plots">\n<figure>${new Html(svg)}</figure>\n</div>`
  return [{ title: 'Between base and fine-tuned model', note, body }]
}

const metricAt = (metrics: unknown, path: string): unknown => new Map(flatten(metrics)).get(path)

const seriesOf = (
  name: string,
  points: readonly WiseFtPoint[],
  value: (point: WiseFtPoint) => unknown,
): Series => ({
  name,
  points: points.flatMap((point) => {
    const y = value(point)
    return typeof y === 'number' ? [{ x: point.alpha, y }] : []
  }),
})
