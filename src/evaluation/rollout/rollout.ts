import { excerpt, WorldError } from '../../core/index.ts'
import {
  type DatasetOptions,
  episodeDefaults,
  type Randomization,
  readRobot,
  SceneMaker,
  type Setting,
  settingOf,
  World,
} from '../../world/index.ts'
import { type ControlPolicy, requireControl } from './control-policy.ts'
import { digestedPolicy } from './digested-policy.ts'
import {
  drawActions,
  drawEpisodes,
  drawForCommand,
  type Episode,
  lookSeed,
  type RefusedScene,
  type RolloutSplit,
  withOtherCommands,
} from './episode.ts'
import { givenCommand } from './given-command.ts'
import {
  type ControlTask,
  controlTasks,
  isControlTask,
  type Outcomes,
  type RolloutTask,
  taskNeeds,
} from './outcome.ts'
import type { RolloutPicture, RolloutPolicy } from './policy.ts'
import { tryControl } from './try-control.ts'
import { type Conditions, tryEpisode } from './try-episode.ts'

/** Options of a rollout. */
export interface RolloutOptions {
  readonly tasks: readonly RolloutTask[]
  readonly splits: readonly RolloutSplit[]
  /** Number of episodes for each split and setting; with a `command` scenes are drawn until so many have a meaning. */
  readonly episodes: number
  readonly seed: number
  /** Side of the square images in pixels, the same as in training. */
  readonly size: number
  /** Path of the MJCF file of a robot of one's own. */
  readonly robot?: string
  /** Smooth edges in the images of a policy that controls the robot step by step, as in its data. Default false. */
  readonly smooth?: boolean
  /** Randomization of each scene's look. Default: none. */
  readonly randomization?: Randomization
  /** Try everything with other commands, too. Default true; a `command`, and a split of one episode, have no others. */
  readonly control?: boolean
  /** Command for every scene in which it has one meaning. Default: the command drawn for each scene. */
  readonly command?: string
}

/** An episode with its outcomes, for the right command and for another one. */
export interface TriedEpisode {
  readonly episode: Episode
  readonly outcomes: Outcomes
  /** SHA-256 of what the policy predicted, bit for bit. */
  readonly predictions: string
  /** The same with another command. */
  readonly control?: { readonly text: string; readonly outcomes: Outcomes; readonly predictions: string }
}

/** Spectator of trials, to record them. */
export interface Spectator {
  onBegin(episode: Episode): void
  /** Receive each image of the trial with the right command, and the policy's prediction. */
  onLook(pixels: RolloutPicture, prediction: Readonly<Record<string, readonly number[]>>): void
  /** Receive a call every 0.04 to 0.1 s while the robot moves in the trial with the right command. */
  onStep(world: World, task: RolloutTask): void
  onEnd(tried: TriedEpisode): void
}

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

/** Episodes of a policy that controls the robot step by step: of each task in turn. */
async function* controlRollout(
  policy: ControlPolicy,
  options: RolloutOptions,
  spectator?: Spectator,
): AsyncGenerator<TriedEpisode | RefusedScene> {
  const { splits, episodes: count, robot, command } = options
  const given = command === undefined ? undefined : givenCommand(command)
  const world = await World.open(robot === undefined ? undefined : await readRobot(robot))
  const maker = await SceneMaker.open(sceneOptions(options))
  try {
    world.reset({ setting: 'table', things: [] })
    requireControl(policy, world)
    for (const split of splits) {
      for (const task of tasksOf(options)) {
        const { action } = controlTasks[task]
        if (given) {
          for (const drawn of drawForCommand(maker, split, settingOf[action], count, given)) {
            if ('refusal' in drawn) yield drawn
            else yield* controlEpisodes(world, policy, task, [drawn], options, spectator)
          }
        } else {
          const episodes = drawActions(maker, split, action, count)
          yield* controlEpisodes(world, policy, task, episodes, options, spectator)
        }
      }
    }
  } finally {
    world.dispose()
  }
}

async function* controlEpisodes(
  world: World,
  policy: ControlPolicy,
  task: ControlTask,
  episodes: readonly Episode[],
  options: RolloutOptions,
  spectator: Spectator | undefined,
): AsyncGenerator<TriedEpisode> {
  const { command, control: controlled = true } = options
  const hasOthers = command === undefined && episodes.length > 1
  const others = controlled && hasOthers ? withOtherCommands(episodes) : []
  for (const [i, episode] of episodes.entries()) {
    spectator?.onBegin(episode)
    const { eyes } = conditionsOf(options, episode)
    const look = { ...eyes, smooth: options.smooth ?? episodeDefaults.smooth }
    const { outcome, actions } = await tryControl(world, policy, episode, task, look, {
      onLook: (pixels) => spectator?.onLook(pixels, {}),
      onStep: () => spectator?.onStep(world, task),
    })
    const other = others[i]
    const again = other && (await tryControl(world, policy, other, task, look))
    const control = other &&
      again && { text: other.text, outcomes: { [task]: again.outcome }, predictions: again.actions }
    const outcomes = { [task]: outcome }
    const tried: TriedEpisode = { episode, outcomes, predictions: actions, ...(control && { control }) }
    spectator?.onEnd(tried)
    yield tried
  }
}

/**
 * Tasks of a policy that controls the robot; with a given command, the one that asks for its action.
 * @throws WorldError `world/wrong-setting` where none does.
 */
function tasksOf({ tasks, command }: RolloutOptions): ControlTask[] {
  const own = tasks.filter(isControlTask)
  if (command === undefined) return own
  const { action } = givenCommand(command).command
  const found = own.filter((task) => controlTasks[task].action === action)
  if (found.length > 0) return found
  const problem = `"${excerpt(command)}" asks to ${action}, and the tasks are ${own.join(', ')}`
  throw new WorldError('world/wrong-setting', `${problem}. Ask for something else, or try other tasks`, {
    command,
    tasks,
  })
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
  (options.tasks.some(isControlTask) ? tasksOf(options) : settingsOf(options)).length *
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

const sceneOptions = ({ seed, size, robot }: RolloutOptions): DatasetOptions => ({
  scenes: 1,
  seed,
  size,
  setting: 'both',
  commands: 1,
  captions: 1,
  smooth: true,
  ...(robot !== undefined && { robot }),
})

function conditionsOf({ tasks, size, seed, randomization }: RolloutOptions, episode: Episode): Conditions {
  const eyes = { size, seed: lookSeed(seed, episode), ...(randomization && { randomization }) }
  return { tasks, eyes }
}
