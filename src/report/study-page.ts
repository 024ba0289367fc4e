import { Html, html } from './html.ts'
import { htmlTable } from './html-table.ts'
import { type Figure, page, type Section } from './page.ts'
import { linePlot } from './plot.ts'
import { formatDuration, formatNumber, percent } from './quantity.ts'
import { frontPlot } from './study-front.ts'
import { parallelPlot } from './study-parallel.ts'
import {
  objectiveText,
  objectiveTitle,
  type ShownObjective,
  type ShownTrial,
  studyTable,
  valuesText,
} from './study-table.ts'

/** Share of the differences in quality that the values of one parameter explain. */
export interface ShownImportance {
  readonly path: string
  /** Fraction in [0, 1]. */
  readonly share: number
  /** Trials that it was computed from. */
  readonly trials: number
}

/** A study, as its page shows it. */
export interface ShownStudy {
  readonly name: string
  /** One sentence about sampler, pruner and seed. */
  readonly settings: string
  /** The monitored metric that is its quality. */
  readonly metric: string
  readonly objectives: readonly ShownObjective[]
  readonly trials: readonly ShownTrial[]
  /** Paths of the space, in its order. */
  readonly paths: readonly string[]
  /** Numbers of the trials on the front. */
  readonly front: readonly number[]
  readonly importance: readonly ShownImportance[]
  /** Sentences about the recipe's own values. */
  readonly findings: readonly string[]
  /** Commands that train the recipes of the front again, by trial. */
  readonly commands: Readonly<Record<number, string>>
}

/** The page of a study: its front, what its values do, and the curves of all its trials. The same input gives the same page. */
export async function studyPage(study: ShownStudy): Promise<string> {
  const { name, settings, objectives, trials, front } = study
  const onFront = new Set(front)
  const costs = objectives.slice(1)
  const known = trials.filter(({ state }) => state === 'finished')
  const sections: (Section | undefined)[] = [
    study.findings.length > 0
      ? {
          title: "Beside the recipe's own values",
          body: html`<ul>${study.findings.map((text) => html`<li>${text}</li>`)}</ul>`,
        }
      : undefined,
    frontSection(study, onFront),
    costs.length > 0 && known.length > 0
      ? {
          title: costs.length > 1 ? 'Quality and each cost' : 'Quality and cost',
          note: "Blue: the front. Square: the recipe's own values. Grey: finished; open: stopped before the end, with its last validation.",
          body: html`<div class="plots">${costs.map((cost) => frontPlot(trials, [objectives[0]!, cost], onFront))}</div>`,
        }
      : undefined,
    known.length > 1
      ? {
          title: 'Parallel coordinates',
          note: 'A line for each finished trial; blue lines are the front.',
          body: parallelPlot(
            trials,
            study.paths,
            objectives.map(({ name }) => name),
            onFront,
          ),
        }
      : undefined,
    importanceSection(study),
    await curvesSection(study, onFront),
    { title: 'All trials', body: htmlTable(trialsTable(study)) },
  ]
  return page({
    title: name,
    subtitle: settings,
    figures: figuresOf(study),
    contents: true,
    sections: sections.filter((section) => section !== undefined),
  })
}

function figuresOf({ trials, front, objectives, metric }: ShownStudy): Figure[] {
  const count = (state: string) => trials.filter((trial) => trial.state === state).length
  const best = trials.find(({ number }) => number === front[0])
  const rest = ['stopped', 'failed', 'refused', 'waiting', 'running'].flatMap((state) =>
    count(state) > 0 ? [`${count(state)} ${state}`] : [],
  )
  const seconds = trials.reduce((sum, trial) => sum + trial.seconds, 0)
  return [
    {
      label: 'Best quality',
      value: objectiveText('quality', best?.measured.quality) ?? '–',
      more: metric,
    },
    { label: 'Finished trials', value: String(count('finished')), more: rest.join(', ') },
    {
      label: 'On the front',
      value: String(front.length),
      more: objectives.map(({ name }) => name).join(', '),
    },
    { label: 'Training', value: formatDuration(seconds), more: 'of all trials together' },
  ]
}

function frontSection(
  { trials, front, objectives, commands }: ShownStudy,
  onFront: ReadonlySet<number>,
): Section {
  const best = front.flatMap((number) => trials.find((trial) => trial.number === number) ?? [])
  const isOne = objectives.length === 1
  return {
    title: isOne ? 'The best trial' : 'The front',
    note: isOne
      ? 'Measured on validation data, with one seed.'
      : 'Trials that no other beats in everything. Quality is measured on validation data, with one seed.',
    body:
      onFront.size === 0
        ? html`<p>No trial has finished.</p>`
        : html`${htmlTable(studyTable(best, objectives))}
<details><summary>Commands that train them again, with tests</summary>
${best.map(({ number }) => html`<p class="note">Trial ${number}</p><pre class="command"><code>${commands[number]}</code></pre>`)}</details>`,
  }
}

function importanceSection({ importance }: ShownStudy): Section | undefined {
  if (importance.length === 0) return undefined
  return {
    title: 'Importance of the values',
    note:
      'Share of the variance of quality that lies between trials with different values (ε², corrected for chance; ranges are cut into quarters). ' +
      'Each value by itself: what two do only together is in none of them, and few trials say little.',
    body: htmlTable({
      columns: [
        { title: 'Path' },
        { title: 'Share', align: 'right' },
        { title: '' },
        { title: 'Trials', align: 'right' },
      ],
      rows: importance.map(({ path, share, trials }) => [
        html`<code>${path}</code>`,
        percent(share),
        html`<span class="interval"><i class="range" style="left:0;width:${(100 * share).toFixed(1)}%"></i></span>`,
        formatNumber(trials),
      ]),
    }),
  }
}

async function curvesSection(
  { trials, metric }: ShownStudy,
  onFront: ReadonlySet<number>,
): Promise<Section | undefined> {
  const drawn = trials.filter(({ reports }) => reports.some(({ value }) => Number.isFinite(value)))
  if (drawn.length === 0) return undefined
  const groupOf = ({ number, origin, state }: ShownTrial): string => {
    if (origin === 'recipe') return 'own'
    return onFront.has(number) ? 'front' : state
  }
  const groups = [...new Set(['front', 'own', 'finished', 'stopped', ...drawn.map(groupOf)])]
  const svg = await linePlot({
    title: metric,
    x: { title: 'epoch' },
    y: { title: metric, scale: 'data' },
    groups: groups.filter((group) => drawn.some((trial) => groupOf(trial) === group)),
    series: drawn.map((trial) => ({
      name: `trial ${trial.number}`,
      group: groupOf(trial),
      points: trial.reports.map(({ resource, value }) => ({ x: resource, y: value })),
    })),
  })
  return {
    title: 'Curves of all trials',
    note: 'Quality at each validation. Stopped trials end where the pruner gave them up.',
    body: html`<div class="plots"><figure>${new Html(svg)}</figure></div>`,
  }
}

function trialsTable({ trials, objectives }: ShownStudy): Parameters<typeof htmlTable>[0] {
  const others = objectives.slice(1)
  return {
    columns: [
      { title: 'Trial', align: 'right' },
      { title: 'State' },
      { title: 'Quality', align: 'right' },
      ...others.map(({ name }) => ({ title: objectiveTitle(name), align: 'right' as const })),
      { title: 'Epochs', align: 'right' },
      { title: 'Time', align: 'right' },
      { title: 'Values' },
    ],
    rows: trials.map((trial) => [
      trial.number,
      trial.reason === undefined ? trial.state : html`${trial.state} <small>${trial.reason}</small>`,
      objectiveText('quality', trial.measured.quality ?? trial.reports.at(-1)?.value),
      ...others.map(({ name }) => objectiveText(name, trial.measured[name])),
      formatNumber(trial.reports.at(-1)?.resource ?? 0, 1),
      formatDuration(trial.seconds),
      html`<code>${valuesText(trial)}</code>`,
    ]),
  }
}
