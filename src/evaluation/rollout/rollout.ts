import { random, WorldError } from '../../core/index.ts'
import {
  type DatasetOptions,
  type Eyes,
  type Randomization,
  readRobot,
  SceneMaker,
  type Setting,
  settingOf,
  World,
} from '../../world/index.ts'
import {
  drawEpisodes,
  type Episode,
  type RefusedScene,
  type RolloutSplit,
  withOtherCommands,
} from './episode.ts'
import { givenCommand } from './given-command.ts'
import { type Outcomes, type RolloutTask, taskNeeds } from './outcome.ts'
import type { RolloutPicture, RolloutPolicy } from './policy.ts'
import { look, tryFloor } from './try-floor.ts'
import { tryTable } from './try-table.ts'

/** What is tried. */
export interface RolloutOptions {
  readonly tasks: readonly RolloutTask[]
  readonly splits: readonly RolloutSplit[]
  /** For each split and setting. */
  readonly episodes: number
  readonly seed: number
  /** Pixels of the square pictures' side, as the policy was trained with. */
  readonly size: number
  /** A robot of one's own: path of its MJCF. */
  readonly robot?: string
  /** A random look of each scene. Default: none. */
  readonly randomization?: Randomization
  /** Whether everything is tried with other commands too. Default true, false with a `command`. */
  readonly control?: boolean
  /** What the robot is told in every scene, where it has one meaning. Default: what is drawn for each scene. */
  readonly command?: string
}

/** An episode that was tried, with the right command and with another one. */
export interface TriedEpisode {
  readonly episode: Episode
  readonly outcomes: Outcomes
  /** What else it was told, and how that ended. */
  readonly control?: { readonly text: string; readonly outcomes: Outcomes }
}

/** Looks on, to record. */
export interface Spectator {
  onBegin(episode: Episode): void
  /** Called with each picture of the trial with the right command, and what the policy made of it. */
  onLook(pixels: RolloutPicture, prediction: Readonly<Record<string, readonly number[]>>): void
  /** Called every 0.04 to 0.1 s while the robot moves in the trial with the right command. */
  onStep(world: World, task: RolloutTask): void
  onEnd(tried: TriedEpisode): void
}

/**
 * Try a policy in scenes that are drawn from a seed: it sees, reads its command, predicts, and what it predicts is
 * carried out in physics. One episode after the other, so that they can be looked at as they come. The same policy,
 * options and machine give the same outcomes. A scene in which a given command has no one meaning comes with its refusal.
 * @throws WorldError `world/unknown-command` and `world/wrong-setting` for a given command that is none, or of no task;
 * for a robot that does not suit; `world/wrong-prediction` for a policy that predicts what is not finite.
 */
export async function* rollout(
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
        const drawn = drawEpisodes(maker, split, setting, count, given)
        yield* drawn.filter((each) => 'refusal' in each)
        const episodes = drawn.filter((each) => 'command' in each)
        yield* tryEpisodes(world, policy, episodes, options, spectator)
      }
    }
  } finally {
    world.dispose()
  }
}

/** One after the other, each with its control unless there is to be none. */
async function* tryEpisodes(
  world: World,
  policy: RolloutPolicy,
  episodes: readonly Episode[],
  options: RolloutOptions,
  spectator: Spectator | undefined,
): AsyncGenerator<TriedEpisode> {
  const { command, control = command === undefined } = options
  const others = control ? withOtherCommands(episodes) : []
  const watched = spectator ? watchedPolicy(policy, spectator) : policy
  const onStep = (task: RolloutTask) => spectator?.onStep(world, task)
  for (const [i, episode] of episodes.entries()) {
    spectator?.onBegin(episode)
    const outcomes = await tryEpisode(world, watched, episode, options, onStep)
    const other = others[i]
    const tried: TriedEpisode = {
      episode,
      outcomes,
      ...(other && {
        control: { text: other.text, outcomes: await tryEpisode(world, policy, other, options) },
      }),
    }
    spectator?.onEnd(tried)
    yield tried
  }
}

/** A policy whose looks are told. */
const watchedPolicy = (policy: RolloutPolicy, spectator: Spectator): RolloutPolicy => ({
  labels: policy.labels,
  async predict(observation) {
    const prediction = await policy.predict(observation)
    spectator.onLook(observation.pixels, prediction)
    return prediction
  },
})

/** How many episodes `rollout` yields, those in which a given command is refused among them. */
export const countEpisodes = (options: RolloutOptions): number =>
  options.splits.length * settingsOf(options).length * options.episodes

/**
 * The settings in which some task is set; with a given command the one in which that is done.
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
  const problem = `"${command}" is done ${where}, and none of the tasks (${tasks.join(', ')}) is`
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

async function tryEpisode(
  world: World,
  policy: RolloutPolicy,
  episode: Episode,
  { tasks, size, seed, randomization }: RolloutOptions,
  onStep: (task: RolloutTask) => void = () => {},
): Promise<Outcomes> {
  const { split, number, scene } = episode
  const lookSeed = random(seed, 'rollout', split, number).integer(2 ** 31)
  const eyes: Eyes = { size, seed: lookSeed, ...(randomization && { randomization }) }
  if (scene.setting === 'floor') return tryFloor(world, policy, eyes, episode, tasks, onStep)
  world.reset(scene)
  return tryTable(world, episode, await look(world, policy, eyes, episode.text), tasks, onStep)
}
