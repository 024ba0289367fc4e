import { excerpt, WorldError } from '../../core/index.ts'
import { readRobot, SceneMaker, type Setting, settingOf, World } from '../../world/index.ts'
import type { ControlPolicy } from './control-policy.ts'
import { controlRollout, controlTasksIn } from './control-rollout.ts'
import { digestedPolicy } from './digested-policy.ts'
import {
  drawEpisodes,
  drawForCommand,
  type Episode,
  type RefusedScene,
  withOtherCommands,
} from './episode.ts'
import { givenCommand } from './given-command.ts'
import { isControlTask, type RolloutTask, taskNeeds } from './outcome.ts'
import type { RolloutPolicy } from './policy.ts'
import {
  conditionsOf,
  type RolloutOptions,
  type Spectator,
  sceneOptions,
  type TriedEpisode,
} from './rollout-options.ts'
import { tryEpisode } from './try-episode.ts'

export { type RolloutOptions, type Spectator, spectators, type TriedEpisode } from './rollout-options.ts'

/**
 * Try a policy in scenes that are drawn from a seed: it gets an image and a command, and its prediction is carried out
 * in physics. Episodes come one by one. The same policy, options and machine give the same outcomes. A scene in which a
 * given command has no single meaning comes with its refusal; others are drawn in its place, until 200 in a row have
 * none.
 * @throws WorldError `world/unknown-command` and `world/wrong-setting` for a given command that is none, or for none of
 * the tasks; for a robot that does not suit; `world/wrong-prediction` for predictions that are not finite.
 */
export async function* rollout(
  policy: RolloutPolicy | ControlPolicy,
  options: RolloutOptions,
  spectator?: Spectator,
): AsyncGenerator<TriedEpisode | RefusedScene> {
  if ('stream' in policy) yield* controlRollout(policy, options, spectator)
  else yield* predictedRollout(policy, options, spectator)
}

async function* predictedRollout(
  policy: RolloutPolicy,
  options: RolloutOptions,
  spectator?: Spectator,
): AsyncGenerator<TriedEpisode | RefusedScene> {
  const { splits, episodes: count, robot } = options
  const given = options.command === undefined ? undefined : givenCommand(options.command)
  const settings = settingsOf(options)
  const world = await World.open(robot === undefined ? undefined : await readRobot(robot))
  const maker = await SceneMaker.open(sceneOptions(options))
  try {
    for (const split of splits) {
      for (const setting of settings) {
        if (given) {
          for (const drawn of drawForCommand(maker, split, setting, count, given)) {
            if ('refusal' in drawn) yield drawn
            else yield* tryEpisodes(world, policy, [drawn], options, spectator)
          }
        } else {
          const episodes = drawEpisodes(maker, split, setting, count)
          yield* tryEpisodes(world, policy, episodes, options, spectator)
        }
      }
    }
  } finally {
    world.dispose()
  }
}

/** Try the episodes one by one, each with its control unless controls are off. */
async function* tryEpisodes(
  world: World,
  policy: RolloutPolicy,
  episodes: readonly Episode[],
  options: RolloutOptions,
  spectator: Spectator | undefined,
): AsyncGenerator<TriedEpisode> {
  const { command, control: controlled = true } = options
  const hasOthers = command === undefined && episodes.length > 1
  const others = controlled && hasOthers ? withOtherCommands(episodes) : []
  const digested = digestedPolicy(policy)
  const watched = spectator ? watchedPolicy(digested, spectator) : digested
  const onStep = (task: RolloutTask) => spectator?.onStep(world, task)
  for (const [i, episode] of episodes.entries()) {
    spectator?.onBegin(episode)
    const conditions = conditionsOf(options, episode)
    const outcomes = await tryEpisode(world, watched, episode, conditions, onStep)
    const predictions = digested.digest()
    const other = others[i]
    const control = other && {
      text: other.text,
      outcomes: await tryEpisode(world, digested, other, conditions),
      predictions: digested.digest(),
    }
    const tried: TriedEpisode = { episode, outcomes, predictions, ...(control && { control }) }
    spectator?.onEnd(tried)
    yield tried
  }
}

/** A policy that passes its images and predictions to a spectator. */
const watchedPolicy = (policy: RolloutPolicy, spectator: Spectator): RolloutPolicy => ({
  labels: policy.labels,
  async predict(observation) {
    const prediction = await policy.predict(observation)
    spectator.onLook(observation.pixels, prediction)
    return prediction
  },
})

/** Number of episodes that `rollout` tries; with a given command at most so many. */
export const countEpisodes = (options: RolloutOptions): number =>
  options.splits.length *
  (options.tasks.some(isControlTask) ? controlTasksIn(options) : settingsOf(options)).length *
  options.episodes

/**
 * Settings of the tasks; with a given command, the setting of the command.
 * @throws WorldError `world/wrong-setting` when no task is set there.
 */
function settingsOf({ tasks, command }: RolloutOptions): Setting[] {
  const settings = (['table', 'floor'] as const).filter((setting) =>
    tasks.some((task) => (taskNeeds[task].settings as readonly Setting[]).includes(setting)),
  )
  if (command === undefined) return settings
  const place = settingOf[givenCommand(command).command.action]
  if (settings.includes(place)) return [place]
  const where = place === 'table' ? 'at the table' : 'on the free floor'
  const problem = `"${excerpt(command)}" is done ${where}, and none of the tasks (${tasks.join(', ')}) is`
  throw new WorldError('world/wrong-setting', `${problem}. Ask for something else, or try other tasks`, {
    command,
    setting: place,
    tasks,
  })
}
