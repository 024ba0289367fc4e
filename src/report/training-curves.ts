import { flatten } from './flatten.ts'
import { Html, html } from './html.ts'
import { type LinePlot, linePlot, type Series } from './plot.ts'
import { humanize } from './quantity.ts'

/**
 * One line of `metrics.jsonl`: `step`, and at some steps or at all `loss`, `learningRate`, `gradientNorm`,
 * `samplesPerSecond`, `dataWaitFraction` (0–1), `curriculumStage`, `difficulty`, `targetDifficulty` and `validation`,
 * numbers nested by name.
 */
export type MetricsRow = Readonly<Record<string, unknown>>

/** A plot of a run: its axes, and the lines that it draws of a log. */
export interface Curve extends Pick<LinePlot, 'title' | 'y' | 'steps'> {
  readonly series: (rows: readonly MetricsRow[]) => Series[]
}

/** The plots of a run, from top to bottom. */
export const curves: readonly Curve[] = [
  {
    title: 'Loss',
    y: { title: 'loss', scale: 'data' },
    series: (rows) => [seriesOf(rows, 'loss', 'training'), ...validationSeries(rows, 'loss', 'validation')],
  },
  {
    title: 'Recall at 1, validation',
    y: { title: 'percent', scale: 'zero' },
    series: (rows) => validationSeries(rows, 'R@1'),
  },
  {
    title: 'Success, validation',
    y: { title: 'part that succeeds', scale: 'zero', format: '~%' },
    series: (rows) => validationSeries(rows, 'success'),
  },
  {
    title: 'Stage of the curriculum',
    y: { title: 'stage', scale: 'zero', format: 'd' },
    steps: true,
    series: (rows) => [{ ...seriesOf(rows, 'curriculumStage', 'stage'), smooth: false }],
  },
  {
    title: 'Difficulty',
    y: { title: 'difficulty', scale: 'zero', format: '~g' },
    series: (rows) => [
      seriesOf(rows, 'difficulty', 'mean of the samples'),
      { ...seriesOf(rows, 'targetDifficulty', 'target'), smooth: false },
    ],
  },
  {
    title: 'Learning rate',
    y: { title: 'learning rate', scale: 'zero', format: '~g' },
    series: (rows) => [{ ...seriesOf(rows, 'learningRate', 'learning rate'), smooth: false }],
  },
  {
    title: 'Gradient norm, before clipping',
    y: { title: 'global L2 norm', scale: 'log' },
    series: (rows) => [seriesOf(rows, 'gradientNorm', 'gradient norm')],
  },
  {
    title: 'Throughput',
    y: { title: 'samples per second', scale: 'zero', format: '~s' },
    series: (rows) => [seriesOf(rows, 'samplesPerSecond', 'throughput')],
  },
  {
    title: 'Waiting for data',
    y: { title: 'part of the time', scale: 'zero', format: '~%' },
    series: (rows) => [seriesOf(rows, 'dataWaitFraction', 'data wait')],
  },
]

/**
 * The curves of a training run as inline SVGs: loss, recall or accuracy at validation, stage and difficulty of the
 * samples, learning rate, gradient norm, throughput and data wait. A curve without any number is left out.
 */
export async function trainingCurves(rows: readonly MetricsRow[]): Promise<Html[]> {
  const drawn: Html[] = []
  for (const { title, y, steps = false, series: pick } of curves) {
    const series = pick(rows).filter(({ points }) => points.length > 0)
    if (series.length === 0) continue
    const svg = await linePlot({ title, x: { title: 'step' }, y, steps, series })
    drawn.push(html`<figure>${new Html(svg)}</figure>\n`)
  }
  return drawn
}

const seriesOf = (rows: readonly MetricsRow[], key: string, name: string): Series => ({
  name,
  points: pointsOf(rows, (row) => row[key]),
  smooth: true,
})

/** A line for every value called `metric` under `validation`, named by its path and `prefix`. */
function validationSeries(rows: readonly MetricsRow[], metric: string, ...prefix: string[]): Series[] {
  const leavesOf = new Map(rows.map((row) => [row, new Map(flatten(row.validation))]))
  const paths = new Set(Array.from(leavesOf.values(), (leaves) => [...leaves.keys()]).flat())
  return Array.from(paths, (path) => path.split('.'))
    .filter((names) => names.at(-1) === metric)
    .map((names) => ({
      name:
        [...prefix, ...names.slice(0, -1).map((name) => humanize(name).toLowerCase())].join(' · ') || 'all',
      points: pointsOf(rows, (row) => leavesOf.get(row)?.get(names.join('.'))),
    }))
}

function pointsOf(rows: readonly MetricsRow[], value: (row: MetricsRow) => unknown): Series['points'] {
  return rows.flatMap((row) => {
    const [x, y] = [row.step, value(row)]
    return typeof x === 'number' && typeof y === 'number' && Number.isFinite(y) ? [{ x, y }] : []
  })
}
