import { ConfigError, checkOptions, didYouMean, ranges, wholeFrom } from '../../core/index.ts'
import type { Action } from '../commands/command.ts'
import { settingOf } from '../commands/command.ts'
import type { ActionSpace, Controls } from '../control/robot-numbers.ts'
import { usualDisturbances } from '../demonstration/demonstrate.ts'
import type { Randomization } from '../randomization/index.ts'

/** Options that determine a data set of demonstrations: plain data, stored in its `episodes.json`. */
export interface EpisodeOptions {
  /** Count of episodes, all splits together. */
  readonly episodes: number
  readonly seed: number
  /** Tasks of the episodes, in turn. Default: pick. */
  readonly tasks: readonly Action[]
  /** Side of the square images, pixels. Default 64. */
  readonly size: number
  /** Numbers in which state and action tell of the arm. Default: its joints. */
  readonly actionSpace: ActionSpace
  /** Share of the episodes at the table that are second tries; see `Disturbances.missed`. Default 0.3. */
  readonly secondTries: number
  /** Pictures of the wrist's camera beside the head's. Default true; false saves a third of the time. */
  readonly wrist: boolean
  /** Smooth edges, at four times the cost of drawing. Default false. */
  readonly smooth: boolean
  /** Ranges of domain randomization. Default: none. */
  readonly randomization?: Randomization
  /** Path of the MJCF of a robot of one's own. */
  readonly robot?: string
}

/** Defaults of the options. */
export const episodeDefaults = {
  tasks: ['pick'],
  size: 64,
  actionSpace: 'joints',
  secondTries: usualDisturbances.missed,
  wrist: true,
  smooth: false,
} as const satisfies Partial<EpisodeOptions>

/** Tasks that experts demonstrate. */
export const demonstratedTasks = ['pick', 'put', 'push', 'go'] as const satisfies readonly Action[]

/**
 * Splits of demonstrations, each a data set of its own, and of rollouts: those of scenes, and `heldOutPhrasings`, the episodes of
 * `heldOutScenes` with commands absent from training.
 */
export const episodeSplits = [
  'train',
  'validation',
  'heldOutScenes',
  'heldOutPhrasings',
  'heldOutPairs',
] as const
export type EpisodeSplit = (typeof episodeSplits)[number]

const shares: Readonly<Record<Exclude<EpisodeSplit, 'train'>, number>> = {
  validation: 0.04,
  heldOutScenes: 0.02,
  heldOutPhrasings: 0.02,
  heldOutPairs: 0.02,
}

/** Count of episodes of each split. Every split has at least one. */
export function episodesOf({ episodes }: Pick<EpisodeOptions, 'episodes'>): Record<EpisodeSplit, number> {
  const held = Object.entries(shares).map(
    ([split, share]) => [split, Math.max(1, Math.round(episodes * share))] as const,
  )
  const rest = Object.fromEntries(held) as Record<Exclude<EpisodeSplit, 'train'>, number>
  const taken = held.reduce((sum, [, count]) => sum + count, 0)
  return { train: Math.max(1, episodes - taken), ...rest }
}

const optionRanges = {
  episodes: wholeFrom(1, 10_000_000),
  size: wholeFrom(16, 1024),
  seed: ranges.whole,
  secondTries: ranges.fraction,
}

/**
 * Check the options.
 * @throws ConfigError `config/dataset` for a number out of its range, and for tasks that no expert demonstrates.
 */
export function checkEpisodeOptions(options: EpisodeOptions): void {
  checkOptions('data set', options, optionRanges, { range: 'config/dataset' })
  const known: readonly string[] = demonstratedTasks
  const unknown = options.tasks.find((task) => !known.includes(task))
  if (unknown === undefined && options.tasks.length > 0) return
  const problem =
    unknown === undefined
      ? 'there are no tasks'
      : `nobody demonstrates '${unknown}'${didYouMean(unknown, known)}`
  throw new ConfigError(
    'config/dataset',
    `tasks of the data set: ${problem}. There are ${known.join(', ')}`,
    {
      tasks: options.tasks,
    },
  )
}

/** Tell if demonstrations of these tasks move the base: then state and action have its numbers. */
export const movesBase = (tasks: readonly Action[]): boolean =>
  tasks.some((task) => settingOf[task] === 'floor')

/** Controls of demonstrations. */
export const controlsFor = ({
  tasks,
  actionSpace,
}: Pick<EpisodeOptions, 'tasks' | 'actionSpace'>): Controls => ({
  base: movesBase(tasks),
  actionSpace,
})
