import {
  Html,
  html,
  htmlTable,
  linePlot,
  markedPictures,
  refusalCounts,
  type Section,
} from '../../report/index.ts'
import type { Measured } from '../suite/measured.ts'
import { type AxisName, axes } from './axes/index.ts'
import { pooled } from './condition-trials.ts'
import { episodePicture } from './episode-picture.ts'
import { percent, successOf } from './measures.ts'
import type { RobustnessTrials, TriedConditions } from './robustness-findings.ts'

/** Number of lines in one plot. */
const lines = 3

/** Curves over severities, the table behind them, and pictures of failures and successes. */
export async function robustnessSections(
  metrics: Readonly<Record<string, Measured>>,
  trials: RobustnessTrials,
  tried: TriedConditions,
): Promise<Section[]> {
  return [
    {
      title: 'In worlds that differ from training',
      note:
        'Success over tasks in % by severity, 0 as they are; in the table beside it the control with other commands. ' +
        'Scenes that the expert cannot solve any more are left out and counted. Intervals hold 95 %.',
      body: html`${await plotsOf(metrics, tried)}\n${tableOf(metrics, trials, tried)}`,
    },
    {
      title: 'What the severities are',
      body: htmlTable({
        columns: [{ title: 'Axis' }, ...tried.severities.map((severity) => ({ title: String(severity) }))],
        rows: tried.axes.map((axis) => [
          axes[axis].title,
          ...tried.severities.map((severity) => axes[axis].levels[severity]),
        ]),
      }),
    },
    {
      title: 'Perturbed scenes',
      note: 'At the highest severity of each axis: a failure and a success, where there are.',
      body: await picturesOf(trials, tried),
    },
  ]
}

async function plotsOf(
  metrics: Readonly<Record<string, Measured>>,
  { axes: names, severities }: TriedConditions,
) {
  const plots: string[] = []
  for (let first = 0; first < names.length; first += lines) {
    const series = names.slice(first, first + lines).map((axis) => ({
      name: axes[axis].title,
      points: [0, ...severities].map((severity) => ({
        x: severity,
        y: 100 * (metrics[severity === 0 ? 'clean' : `${axis}.${severity}`]?.value ?? Number.NaN),
      })),
    }))
    plots.push(
      await linePlot({
        title: 'Success by severity',
        x: { title: 'severity' },
        y: { title: '%', scale: 'zero' },
        series,
      }),
    )
  }
  return plots.map((svg) => new Html(svg))
}

function tableOf(
  metrics: Readonly<Record<string, Measured>>,
  { clean, conditions }: RobustnessTrials,
  { axes: names, severities }: TriedConditions,
) {
  const cell = (path: string) => {
    const [found, control] = [metrics[path], metrics[`${path}.otherCommands`]]
    if (found === undefined) return undefined
    return `${percent({ value: found.value })}${control ? `; ${percent({ value: control.value })}` : ''}`
  }
  const right = (title: string) => ({ title, align: 'right' as const })
  return htmlTable({
    columns: [
      { title: 'Axis' },
      ...severities.map((severity) => right(`Severity ${severity} %; other commands`)),
      right('Mean %'),
      right('Lost, points'),
      { title: 'Refused' },
    ],
    rows: [
      [
        'As they are',
        ...severities.map(() => undefined),
        cell('clean'),
        undefined,
        `0 of ${clean.tried.length}`,
      ],
      ...names.map((axis) => [
        axes[axis].title,
        ...severities.map((severity) => cell(`${axis}.${severity}`)),
        metrics[axis] && percent(metrics[axis]),
        metrics[`${axis}.drop`] && percent(metrics[`${axis}.drop`]!),
        refusedUnder(axis, conditions),
      ]),
    ],
  })
}

/** Counts of the scenes that were refused under an axis, by reason. */
function refusedUnder(axis: AxisName, conditions: RobustnessTrials['conditions']): string {
  const { refused } = pooled(conditions.filter((condition) => condition.axis === axis))
  return refusalCounts(refused).join(', ') || '0'
}

async function picturesOf({ conditions }: RobustnessTrials, { axes: names, policy }: TriedConditions) {
  const pictures = names.flatMap((axis) => {
    const strongest = conditions.filter((each) => each.axis === axis && each.tried.length > 0).at(-1)
    if (strongest === undefined) return []
    const failure = strongest.tried.find(({ outcomes, look }) => look && successOf(outcomes) < 1)
    const success = strongest.tried.find(({ outcomes }) => successOf(outcomes) === 1)
    return [failure, success].flatMap((trial) => {
      const more = [`${axes[axis].title}, severity ${strongest.severity}`]
      return trial?.look ? [episodePicture(trial.look, trial.outcomes, policy, more)] : []
    })
  })
  return pictures.length === 0 ? html`<p>There are none.</p>` : markedPictures(await Promise.all(pictures))
}
