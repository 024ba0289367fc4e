import { random } from '../../core/index.ts'
import {
  type DatasetOptions,
  type Eyes,
  type Randomization,
  readRobot,
  SceneMaker,
  type Setting,
  World,
} from '../../world/index.ts'
import { drawEpisodes, type Episode, type RolloutSplit, withOtherCommands } from './episode.ts'
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
  /** Whether everything is tried with other commands too. Default true. */
  readonly control?: boolean
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
 * options and machine give the same outcomes.
 * @throws WorldError for a robot that does not suit; `world/wrong-prediction` for a policy that predicts what is not
 * finite.
 */
export async function* rollout(
  policy: RolloutPolicy,
  options: RolloutOptions,
  spectator?: Spectator,
): AsyncGenerator<TriedEpisode> {
  const { splits, tasks, episodes: count, control = true, robot } = options
  const world = await World.open(robot === undefined ? undefined : readRobot(robot))
  const maker = await SceneMaker.open(sceneOptions(options))
  try {
    for (const split of splits) {
      for (const setting of settingsOf(tasks)) {
        const episodes = drawEpisodes(maker, split, setting, count)
        const others = control ? withOtherCommands(episodes) : []
        for (const [i, episode] of episodes.entries()) {
          spectator?.onBegin(episode)
          const onStep = (task: RolloutTask) => spectator?.onStep(world, task)
          const watched = spectator ? watchedPolicy(policy, spectator) : policy
          const outcomes = await tryEpisode(world, watched, episode, options, onStep)
          const other = others[i]
          const tried: TriedEpisode = { episode, outcomes }
          const full = other
            ? {
                ...tried,
                control: { text: other.text, outcomes: await tryEpisode(world, policy, other, options) },
              }
            : tried
          spectator?.onEnd(full)
          yield full
        }
      }
    }
  } finally {
    world.dispose()
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

/** How many episodes `rollout` yields. */
export const countEpisodes = ({ splits, tasks, episodes }: RolloutOptions): number =>
  splits.length * settingsOf(tasks).length * episodes

/** The settings in which some task is set. */
const settingsOf = (tasks: readonly RolloutTask[]): Setting[] =>
  (['table', 'floor'] as const).filter((setting) =>
    tasks.some((task) => (taskNeeds[task].settings as readonly Setting[]).includes(setting)),
  )

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
