import { type Episode, withOtherCommands } from '../rollout/episode.ts'
import type { Outcomes } from '../rollout/outcome.ts'
import { tryEpisode } from '../rollout/try-episode.ts'
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
  /** With the command of another scene, judged by the own one; missing for a scene without another. */
  readonly control?: Outcomes
  readonly look: FirstLook
}

/** Outcomes of the scenes of a setting under a condition. */
export interface ConditionTrials {
  /** Undefined for the scenes as they are. */
  readonly condition: Condition | undefined
  readonly tried: readonly ConditionTrial[]
  /** Number of scenes that cannot be solved under this condition, by reason. */
  readonly refused: Readonly<Record<string, number>>
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
    const outcomes = await tryEpisode(setup.world, looking, episode, conditions)
    const look = { episode, ...looking.takeLook()! }
    const other = others[i]
    const control = other && { control: await tryEpisode(setup.world, policy, other, conditions) }
    tried.push({ id, outcomes, look, ...control })
  }
  return { condition, tried, refused }
}
