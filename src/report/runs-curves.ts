import { Html, html } from './html.ts'
import { type LinePlot, linePlot, type Series } from './plot.ts'
import type { ComparedRun } from './runs-page.ts'
import { type Curve, curves, type MetricsRow } from './training-curves.ts'

/** Plots that several runs share, and what their lines mean. */
export interface RunsCurves {
  readonly note: string
  readonly plots: readonly Html[]
}

/**
 * The curves of several runs in common plots, a colour and a kind of dashes for each run. The loss, training and validation,
 * has one plot for each objective; every other number of the logs has one plot.
 */
export async function runsCurves(runs: readonly ComparedRun[]): Promise<RunsCurves> {
  const sizes = new Set(runs.map(({ batchSize }) => batchSize))
  const countsSamples = sizes.size > 1 && !sizes.has(undefined)
  const x = { title: countsSamples ? 'samples' : 'step' }
  const plots: Html[] = []
  for (const plot of plotsOf(runs.map((run) => (countsSamples ? bySamples(run) : run)))) {
    const svg = await linePlot({ ...plot, x })
    plots.push(html`<figure>${new Html(svg)}</figure>\n`)
  }
  const axis = countsSamples ? ' The batches differ in size, so x counts samples instead of steps.' : ''
  const looks =
    'Each run has its colour and dashes. Of losses, plain lines are training and lines with dots validation.'
  return { note: `${looks}${axis}`, plots }
}

/** A run whose log counts samples where it counted steps. */
function bySamples(run: ComparedRun): ComparedRun {
  const counted = (row: MetricsRow): MetricsRow =>
    typeof row.step === 'number' ? { ...row, step: row.step * run.batchSize! } : row
  return { ...run, metrics: run.metrics.map(counted) }
}

const plotsOf = (runs: readonly ComparedRun[]): Omit<LinePlot, 'x'>[] =>
  curves.flatMap((curve) => (curve.title === 'Loss' ? lossPlots(curve, runs) : numberPlots(curve, runs)))

/** Losses of one objective a plot: those of others are on other scales. */
function lossPlots(curve: Curve, runs: readonly ComparedRun[]): Omit<LinePlot, 'x'>[] {
  const objectives = [...new Set(runs.map(({ objective }) => objective))]
  return objectives.flatMap((objective) => {
    const series = runs.flatMap((run) =>
      run.objective === objective
        ? linesOf(curve, run).map((line) => ({
            ...line,
            name: `${run.name}: ${line.name}`,
            group: run.name,
            dots: line.smooth !== true,
          }))
        : [],
    )
    if (series.length === 0) return []
    return [plotOf(objectives.length > 1 ? `${curve.title}, ${objective}` : curve.title, curve, runs, series)]
  })
}

/** One plot for each line that a curve has of a run, with that line of every run. */
function numberPlots(curve: Curve, runs: readonly ComparedRun[]): Omit<LinePlot, 'x'>[] {
  const lines = runs.map((run) => linesOf(curve, run))
  const names = [...new Set(lines.flat().map(({ name }) => name))]
  return names.map((name) => {
    const series = runs.flatMap((run, i) =>
      lines[i]!.filter((line) => line.name === name).map((line) => ({
        ...line,
        name: run.name,
        group: run.name,
      })),
    )
    return plotOf(names.length > 1 ? `${curve.title}: ${name}` : curve.title, curve, runs, series)
  })
}

const linesOf = (curve: Curve, { metrics }: ComparedRun): Series[] =>
  curve.series(metrics).filter(({ points }) => points.length > 0)

/** A plot that has all runs as groups, so that each keeps its colour. */
const plotOf = (
  title: string,
  { y, steps = false }: Curve,
  runs: readonly ComparedRun[],
  series: readonly Series[],
): Omit<LinePlot, 'x'> => ({ title, y, steps, series, groups: runs.map(({ name }) => name) })
