import { random } from '../../core/index.ts'
import { type Eyes, pointOutOf, type SceneRecord, type World } from '../../world/index.ts'
import { type Episode, lookSeed } from '../rollout/episode.ts'
import { answerIn, givenCommand } from '../rollout/given-command.ts'
import type { RolloutTask } from '../rollout/outcome.ts'
import type { RolloutPolicy } from '../rollout/policy.ts'
import { type Conditions, tryEpisode } from '../rollout/try-episode.ts'
import type { Axis, Perturbation, Severity } from './axes/axis.ts'
import { type AxisName, axes } from './axes/index.ts'

/** An episode under a perturbation, with its right answers there. */
export interface PerturbedEpisode {
  readonly episode: Episode
  readonly conditions: Conditions
}

/** World, tasks and images in which episodes are tried. */
export interface ActingSetup {
  readonly world: World
  readonly tasks: readonly RolloutTask[]
  readonly seed: number
  /** Side of the images, pixels. */
  readonly size: number
}

/** An episode as it is. */
export const unperturbed = ({ tasks, seed, size }: ActingSetup, episode: Episode): PerturbedEpisode => ({
  episode,
  conditions: { tasks, eyes: { size, seed: lookSeed(seed, episode) } },
})

/**
 * Perturb an episode and ask the expert whether it can still be solved: the object is seen and in reach, the command
 * still means it and nothing else, and where the robot may have to move otherwise, the expert succeeds in physics.
 * @returns Reason of the refusal otherwise: `unsayable`, `another-meaning`, `expert-fails`, or the code of an error such
 * as `world/no-answer`.
 */
export async function perturbed(
  setup: ActingSetup,
  episode: Episode,
  name: AxisName,
  severity: Severity,
): Promise<PerturbedEpisode | string> {
  const { world, seed } = setup
  const axis: Axis = axes[name]
  const stream = random(seed, 'perturbation', name, episode.split, episode.number)
  world.reset(episode.scene)
  const perturbation = axis.perturb(episode, severity, stream, world)
  if (perturbation === undefined) return 'unsayable'
  const conditions = conditionsOf(setup, episode, axis, perturbation)
  const scene: SceneRecord = { ...episode.scene, ...perturbation.scene }
  world.reset(scene, perturbation.posture)
  const truths = world
    .answers(conditions.eyes)
    .map((answer) => (typeof answer === 'string' ? undefined : answer))
  const command = answerIn({ record: scene, truths }, givenCommand(episode.text))
  if (typeof command === 'string') return command
  if (command.target !== episode.command.target) return 'another-meaning'
  const changed: Episode = { ...episode, scene, command, text: perturbation.text ?? episode.text }
  if (axis.moves && !(await expertSucceeds(setup, changed, conditions))) return 'expert-fails'
  return { episode: changed, conditions }
}

function conditionsOf(
  { tasks, seed, size }: ActingSetup,
  episode: Episode,
  axis: Axis,
  { change, posture, latency }: Perturbation,
): Conditions {
  const eyes: Eyes = { size, seed: lookSeed(seed, episode), ...(change && { change }) }
  const own = tasks.filter((task) => axis.tasks?.includes(task) ?? true)
  return { tasks: own, eyes, ...(posture && { posture }), ...(latency !== undefined && { latency }) }
}

/** Carry out the right answers. */
async function expertSucceeds(
  { world }: ActingSetup,
  episode: Episode,
  conditions: Conditions,
): Promise<boolean> {
  const outcomes = await tryEpisode(world, expertPolicy(world, episode), episode, conditions)
  return Object.values(outcomes).every(({ success, refusal }) => success && refusal === undefined)
}

/** A policy that knows the right answers to an episode. */
export function expertPolicy(world: World, { command: { labels } }: Episode): RolloutPolicy {
  return {
    labels: Object.keys(labels),
    async predict() {
      if (labels.navigation === undefined) return labels
      const [x = 0, y = 0, z = 0] = labels.navigation
      // The place was told as seen from the start; the robot may have moved since.
      const place = world.inRobotFrame(pointOutOf(world.simulation.startFrame, [x, y, z]))
      return { ...labels, navigation: [...place] }
    },
  }
}
