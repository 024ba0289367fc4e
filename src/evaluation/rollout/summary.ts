import { mean, median, type Rate, wilson } from '../../metrics/index.ts'
import type { EpisodeSplit } from '../../world/index.ts'
import type { RefusedScene } from './episode.ts'
import { type Outcome, type RolloutTask, rolloutTasks } from './outcome.ts'
import type { TriedEpisode } from './rollout.ts'

/** Results of a policy at one task in one split. */
export interface TaskSummary extends Rate {
  readonly episodes: number
  readonly successes: number
  /** Results with other commands. */
  readonly control?: Rate & { readonly successes: number }
  /** Mean of one over the number of objects in a scene: success by a random choice of object. */
  readonly chance: number
  /** Mean and median of each measure: metres, radians, fractions. */
  readonly means: Readonly<Record<string, number>>
  readonly medians: Readonly<Record<string, number>>
  /** Number of trials that an error ended, by its code. */
  readonly refusals: Readonly<Record<string, number>>
  /**
   * Number of scenes in which the given command has no single meaning, by the code of the refusal; they are no
   * episodes.
   */
  readonly notTried?: Readonly<Record<string, number>>
}

/** Results by task, then by split. */
export type RolloutSummary = Readonly<
  Partial<Record<RolloutTask, Readonly<Partial<Record<EpisodeSplit, TaskSummary>>>>>
>

/** Summarize episodes and refused scenes. */
export function summarizeRollout(episodes: readonly (TriedEpisode | RefusedScene)[]): RolloutSummary {
  const tried = episodes.filter((each) => 'outcomes' in each)
  const splits = [...new Set(tried.map(({ episode }) => episode.split))]
  const entries = rolloutTasks.flatMap((task) => {
    const bySplit = splits.flatMap((split) => {
      const own = tried.filter(({ episode, outcomes }) => episode.split === split && outcomes[task])
      const notTried = refusedScenes(episodes, split)
      const counted = Object.keys(notTried).length > 0 && { notTried }
      return own.length > 0 ? [[split, { ...summaryOf(own, task), ...counted }] as const] : []
    })
    return bySplit.length > 0 ? [[task, Object.fromEntries(bySplit)] as const] : []
  })
  return Object.fromEntries(entries)
}

function summaryOf(tried: readonly TriedEpisode[], task: RolloutTask): TaskSummary {
  const outcomes = tried.map((each) => each.outcomes[task]!)
  const controls = tried.flatMap(({ control }) => control?.outcomes[task] ?? [])
  const successes = outcomes.filter(({ success }) => success).length
  const controlSuccesses = controls.filter(({ success }) => success).length
  const chances = tried.map(({ episode }) => 1 / episode.objects)
  return {
    episodes: outcomes.length,
    successes,
    ...wilson(successes, outcomes.length),
    ...(controls.length > 0 && {
      control: { successes: controlSuccesses, ...wilson(controlSuccesses, controls.length) },
    }),
    chance: chances.reduce((sum, chance) => sum + chance, 0) / chances.length,
    means: ofMeasures(outcomes, mean),
    medians: ofMeasures(outcomes, median),
    refusals: refusalsOf(outcomes),
  }
}

function ofMeasures(
  outcomes: readonly Outcome[],
  summary: (values: Float32Array) => number,
): Record<string, number> {
  const names = [...new Set(outcomes.flatMap(({ measures }) => Object.keys(measures)))]
  return Object.fromEntries(
    names.map((name) => {
      const values = outcomes.flatMap(({ measures }) => measures[name] ?? [])
      return [name, summary(Float32Array.from(values))]
    }),
  )
}

/** Number of scenes in which a given command was refused, by code; for one split, or for all. */
export const refusedScenes = (
  episodes: readonly (TriedEpisode | RefusedScene)[],
  split?: EpisodeSplit,
): Record<string, number> =>
  refusalsOf(
    episodes.filter((each) => 'refusal' in each).filter((each) => (split ?? each.split) === each.split),
  )

function refusalsOf(ended: readonly { readonly refusal?: string }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { refusal } of ended) if (refusal !== undefined) counts[refusal] = (counts[refusal] ?? 0) + 1
  return counts
}
