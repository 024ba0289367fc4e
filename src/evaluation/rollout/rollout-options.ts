import type { DatasetOptions, EpisodeSplit, Randomization, World } from '../../world/index.ts'
import { type Episode, lookSeed } from './episode.ts'
import type { ControlFrame } from './episode-recorder.ts'
import type { Outcomes, RolloutTask } from './outcome.ts'
import type { RolloutPicture } from './policy.ts'
import type { Conditions } from './try-episode.ts'

/** Options of a rollout. */
export interface RolloutOptions {
  readonly tasks: readonly RolloutTask[]
  readonly splits: readonly EpisodeSplit[]
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
  /**
   * Receive each step of a policy that controls the robot in the trial with the right command, before it is carried out. The
   * pictures are drawn for it.
   */
  onFrame?(frame: ControlFrame): void
  onEnd(tried: TriedEpisode): void
}

/** Several spectators as one. */
export function spectators(all: readonly Spectator[]): Spectator {
  const framed = all.filter(({ onFrame }) => onFrame !== undefined)
  return {
    onBegin: (episode) => all.forEach((each) => void each.onBegin(episode)),
    onLook: (pixels, prediction) => all.forEach((each) => void each.onLook(pixels, prediction)),
    onStep: (world, task) => all.forEach((each) => void each.onStep(world, task)),
    ...(framed.length > 0 && { onFrame: (frame) => framed.forEach((each) => void each.onFrame?.(frame)) }),
    onEnd: (tried) => all.forEach((each) => void each.onEnd(tried)),
  }
}

/** Options of the scenes of a rollout. */
export const sceneOptions = ({ seed, size, robot }: RolloutOptions): DatasetOptions => ({
  scenes: 1,
  seed,
  size,
  setting: 'both',
  commands: 1,
  captions: 1,
  smooth: true,
  ...(robot !== undefined && { robot }),
})

/** Conditions of an episode of a rollout. */
export function conditionsOf(
  { tasks, size, seed, randomization }: RolloutOptions,
  episode: Episode,
): Conditions {
  const eyes = { size, seed: lookSeed(seed, episode), ...(randomization && { randomization }) }
  return { tasks, eyes }
}
