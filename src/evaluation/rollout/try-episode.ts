import type { Eyes, Posture, World } from '../../world/index.ts'
import type { Episode } from './episode.ts'
import type { Outcomes, RolloutTask } from './outcome.ts'
import type { RolloutPolicy } from './policy.ts'
import { look, tryFloor } from './try-floor.ts'
import { tryTable } from './try-table.ts'

/** Conditions of a trial. */
export interface Conditions {
  readonly tasks: readonly RolloutTask[]
  readonly eyes: Eyes
  /** Joints that begin elsewhere than in the robot's start posture. Default: none. */
  readonly posture?: Posture
  /**
   * Control steps of 0.1 s between an image and the action that answers it. Meanwhile the robot goes on to its former
   * goal, and the answer is taken as if it were about the present. Default 0.
   */
  readonly latency?: number
}

/** Tell a policy the command of an episode and carry out its predictions in physics. */
export async function tryEpisode(
  world: World,
  policy: RolloutPolicy,
  episode: Episode,
  conditions: Conditions,
  onStep: (task: RolloutTask) => void = () => {},
): Promise<Outcomes> {
  if (episode.scene.setting === 'floor') return tryFloor(world, policy, episode, conditions, onStep)
  world.reset(episode.scene, conditions.posture)
  const prediction = await look(world, policy, conditions.eyes, episode.text)
  return tryTable(world, episode, prediction, conditions, onStep)
}
