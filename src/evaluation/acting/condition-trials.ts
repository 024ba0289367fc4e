import { DataError } from '../../core/index.ts'
import type { Setting, World } from '../../world/index.ts'
import { type Episode, withOtherCommands } from '../rollout/episode.ts'
import { type Outcome, type Outcomes, taskNeeds } from '../rollout/outcome.ts'
import type { RolloutPolicy } from '../rollout/policy.ts'
import { type Conditions, tryEpisode } from '../rollout/try-episode.ts'
import type { ActingPolicy } from './acting-policy.ts'
import type { Severity } from './axes/axis.ts'
import type { AxisName } from './axes/index.ts'
import { type FirstLook, lookingPolicy } from './episode-picture.ts'
import { type ActingSetup, type PerturbedEpisode, perturbed, unperturbed } from './perturbed.ts'

/** A perturbation of some severity. */
export interface Condition {
  readonly axis: AxisName
  readonly severity: Severity
}

/** Outcomes of one scene under a condition. */
export interface ConditionTrial {
  readonly id: string
  readonly outcomes: Outcomes
  /** Outcomes with the command of another scene, judged by the own one; missing for a scene without another. */
  readonly control?: Outcomes
  /** Missing where the policy took its command for none. */
  readonly look?: FirstLook
}

/** Outcomes of the scenes of a setting under a condition. */
export interface ConditionTrials {
  /** Undefined for the scenes as they are. */
  readonly condition: Condition | undefined
  readonly tried: readonly ConditionTrial[]
  /** Number of scenes that cannot be solved under this condition, by reason. */
  readonly refused: Readonly<Record<string, number>>
}

/** Trials of one condition in all settings, or of several conditions. */
export interface PooledTrials {
  readonly tried: readonly ConditionTrial[]
  readonly refused: Readonly<Record<string, number>>
}

/** Trials of several conditions or settings together. */
export function pooled(trials: readonly PooledTrials[]): PooledTrials {
  const refused: Record<string, number> = {}
  for (const each of trials) {
    for (const [reason, count] of Object.entries(each.refused))
      refused[reason] = (refused[reason] ?? 0) + count
  }
  return { tried: trials.flatMap(({ tried }) => tried), refused }
}

/** Try scenes under a condition, each with its command and with that of another. */
export async function tryCondition(
  setup: ActingSetup,
  policy: ActingPolicy,
  scenes: readonly { readonly id: string; readonly episode: Episode }[],
  condition: Condition | undefined,
): Promise<ConditionTrials> {
  const solvable: (PerturbedEpisode & { readonly id: string })[] = []
  const refused: Record<string, number> = {}
  for (const { id, episode } of scenes) {
    const found = condition
      ? await perturbed(setup, episode, condition.axis, condition.severity)
      : unperturbed(setup, episode)
    if (typeof found === 'string') refused[found] = (refused[found] ?? 0) + 1
    else solvable.push({ id, ...found })
  }
  const looking = lookingPolicy(policy)
  const others = solvable.length > 1 ? withOtherCommands(solvable.map(({ episode }) => episode)) : []
  const tried: ConditionTrial[] = []
  for (const [i, { id, episode, conditions }] of solvable.entries()) {
    const outcomes = await tryTold(setup.world, looking, episode, conditions)
    const look = looking.takeLook()
    const other = others[i]
    const control = other && { control: await tryTold(setup.world, policy, other, conditions) }
    tried.push({ id, outcomes, ...(look && { look: { episode, ...look } }), ...control })
  }
  return { condition, tried, refused }
}

/** Try an episode; one whose words the policy refuses, since it knows none of them, is a failure with its code. */
async function tryTold(
  world: World,
  policy: RolloutPolicy,
  episode: Episode,
  conditions: Conditions,
): Promise<Outcomes> {
  try {
    return await tryEpisode(world, policy, episode, conditions)
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== 'data/no-command') throw error
    const { setting } = episode.scene
    const tasks = conditions.tasks.filter((task) =>
      (taskNeeds[task].settings as readonly Setting[]).includes(setting),
    )
    const refused: Outcome = { success: false, measures: {}, refusal: error.code }
    return Object.fromEntries(tasks.map((task) => [task, refused]))
  }
}
