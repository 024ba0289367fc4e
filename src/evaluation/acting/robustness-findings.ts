import type { Figure } from '../../report/index.ts'
import { rolloutTasks } from '../rollout/outcome.ts'
import type { Findings } from '../suite/evaluator.ts'
import type { Measured } from '../suite/measured.ts'
import type { ActingPolicy } from './acting-policy.ts'
import type { Severity } from './axes/axis.ts'
import { type AxisName, axes } from './axes/index.ts'
import { type ConditionTrial, type ConditionTrials, type PooledTrials, pooled } from './condition-trials.ts'
import { description, differenceOf, meanOf, percent, successOf } from './measures.ts'
import { robustnessSections } from './robustness-sections.ts'

/** Axes, severities and policy that were tried, for the numbers and the page. */
export interface TriedConditions {
  readonly axes: readonly AxisName[]
  readonly severities: readonly Severity[]
  readonly seed: number
  readonly policy: ActingPolicy
}

/** Trials by condition. */
export interface RobustnessTrials {
  readonly clean: PooledTrials
  readonly conditions: readonly (PooledTrials & { readonly axis: AxisName; readonly severity: Severity })[]
}

/**
 * Numbers of a policy under perturbations. `clean` is success in the scenes as they are, `axis.severity` under one
 * perturbation, `axis` its mean over the severities, `axis.drop` what is lost to the same scenes as they are, and
 * `success` and `drop` the same over all conditions; means are over scenes, and intervals by bootstrap over them.
 */
export async function robustnessFindings(
  trials: readonly ConditionTrials[],
  tried: TriedConditions,
): Promise<Findings> {
  const { axes: names, severities, seed } = tried
  const under = (axis?: AxisName, severity?: Severity): PooledTrials =>
    pooled(trials.filter(({ condition: c }) => c?.axis === axis && c?.severity === severity))
  const clean = under()
  const metrics: Record<string, Measured> = {}
  const samples: Record<string, SceneValues> = {}
  const note = (path: string, { ids, values }: SceneValues) => {
    metrics[path] = meanOf(values, seed)
    samples[path] = { ids, values }
  }
  note('clean', valuesOf([clean.tried]))
  noteControl(metrics, 'clean', clean, seed)
  const conditions = names.flatMap((axis) =>
    severities.map((severity) => ({ axis, severity, ...under(axis, severity) })),
  )
  for (const axis of names) {
    const own = conditions.filter((condition) => condition.axis === axis)
    for (const condition of own) {
      if (condition.tried.length === 0) continue
      note(`${axis}.${condition.severity}`, valuesOf([condition.tried]))
      noteControl(metrics, `${axis}.${condition.severity}`, condition, seed)
    }
    noteDrop(metrics, samples, axis, own, clean, seed)
  }
  noteDrop(metrics, samples, undefined, conditions, clean, seed)
  return {
    metrics,
    headline: metrics.success === undefined ? ['clean'] : ['success', 'drop'],
    samples,
    details: detailsOf({ clean, conditions }, tried),
    sections: await robustnessSections(metrics, { clean, conditions }, tried),
    figures: [figureOf(metrics)],
  }
}

const figureOf = ({ clean, success, drop }: Readonly<Record<string, Measured>>): Figure => ({
  label: 'Success under perturbations',
  value: success === undefined ? '–' : `${percent({ value: success.value })} %`,
  more: `${success && drop ? `${percent(success)}; lost ${percent(drop)} of ` : ''}${percent(clean!)} as they are`,
})

/** Counts by condition: scenes that were refused, and successes at each task. */
function detailsOf({ clean, conditions }: RobustnessTrials, { axes: names, severities }: TriedConditions) {
  const byPath = conditions.map((each) => ({ path: `${each.axis}.${each.severity}`, ...each }))
  return {
    severities,
    scenes: clean.tried.length,
    levels: Object.fromEntries(names.map((axis) => [axis, axes[axis].levels])),
    refused: Object.fromEntries(byPath.map(({ path, refused }) => [path, refused])),
    tasks: Object.fromEntries(
      [{ path: 'clean', ...clean }, ...byPath].map(({ path, tried }) => [path, countsByTask(tried)]),
    ),
  }
}

/** A value of each scene. */
interface SceneValues {
  readonly ids: readonly string[]
  readonly values: readonly number[]
}

/** Mean success of each scene over the conditions in which it could be solved; scenes in the order of their ids. */
function valuesOf(conditions: readonly (readonly ConditionTrial[])[]): SceneValues {
  const byScene = new Map<string, number[]>()
  for (const { id, outcomes } of conditions.flat()) {
    byScene.set(id, [...(byScene.get(id) ?? []), successOf(outcomes)])
  }
  const values = [...byScene.values()].map((all) => all.reduce((sum, value) => sum + value, 0) / all.length)
  return { ids: [...byScene.keys()], values }
}

/** Success under an axis, or under all, and what is lost: the same scenes and tasks as they are. */
function noteDrop(
  metrics: Record<string, Measured>,
  samples: Record<string, SceneValues>,
  axis: AxisName | undefined,
  conditions: readonly PooledTrials[],
  clean: PooledTrials,
  seed: number,
): void {
  const found = valuesOf(conditions.map(({ tried }) => tried))
  if (found.ids.length === 0) return
  const before = new Map(clean.tried.map((trial) => [trial.id, trial]))
  // Each trial beside the same scene as it is, with the same tasks: latency is about one task of several.
  const asTheyAre = conditions.map(({ tried }) =>
    tried.map((trial) => {
      const { outcomes } = before.get(trial.id)!
      const same = Object.entries(outcomes).filter(([task]) => task in trial.outcomes)
      return { ...trial, outcomes: Object.fromEntries(same) }
    }),
  )
  const kept = valuesOf(asTheyAre)
  metrics[axis ?? 'success'] = meanOf(found.values, seed)
  samples[axis ?? 'success'] = found
  const path = axis === undefined ? 'drop' : `${axis}.drop`
  metrics[path] = differenceOf(kept.values, found.values, 'min', seed)
  samples[path] = { ids: found.ids, values: kept.values.map((value, i) => value - found.values[i]!) }
}

function noteControl(
  metrics: Record<string, Measured>,
  path: string,
  { tried }: PooledTrials,
  seed: number,
): void {
  const controls = tried.flatMap(({ control }) => control ?? [])
  if (controls.length === 0) return
  metrics[`${path}.otherCommands`] = description(meanOf(controls.map(successOf), seed))
}

const countsByTask = (tried: readonly ConditionTrial[]) =>
  Object.fromEntries(
    rolloutTasks.flatMap((task) => {
      const outcomes = tried.flatMap(({ outcomes }) => outcomes[task] ?? [])
      if (outcomes.length === 0) return []
      const successes = outcomes.filter(({ success }) => success).length
      return [[task, { successes, episodes: outcomes.length }] as const]
    }),
  )
