import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError, writeFileAtomic } from '../../core/index.ts'
import { knownRobot } from '../dataset/description.ts'
import { type DemonstrationRefusal, demonstrationRefusals } from '../demonstration/demonstrate.ts'
import type { RobotDescription } from '../robot/robot-description.ts'
import type { EpisodeOptions, EpisodeSplit } from './options.ts'

/** Content of `episodes.json`, beside the directories of the splits. */
export interface EpisodesDescription {
  readonly format: 'visuomotor-episodes'
  readonly version: 4
  readonly options: Readonly<Record<string, unknown>>
  /** Counts by split: episodes, frames, and demonstrations that were refused, by reason. */
  readonly splits: Readonly<Record<string, EpisodeCounts>>
}

export interface EpisodeCounts {
  readonly episodes: number
  readonly frames: number
  readonly refused: Readonly<Record<DemonstrationRefusal, number>>
}

const file = 'episodes.json'

const counts = z.object({
  episodes: z.int(),
  frames: z.int(),
  refused: z.record(z.enum(demonstrationRefusals), z.int()),
})

const description = z.object({
  format: z.literal('visuomotor-episodes'),
  version: z.literal(4),
  options: z.record(z.string(), z.unknown()),
  splits: z.record(z.string(), counts),
})

export const describeEpisodes = (
  options: EpisodeOptions,
  robot: RobotDescription,
  splits: Readonly<Partial<Record<EpisodeSplit, EpisodeCounts>>>,
): EpisodesDescription => ({
  format: 'visuomotor-episodes',
  version: 4,
  options: { ...options, ...(options.robot !== undefined && { robot: knownRobot(robot) }) },
  splits,
})

export const writeEpisodesDescription = (directory: string, content: EpisodesDescription): void =>
  writeFileAtomic(join(directory, file), `${JSON.stringify(content, undefined, 2)}\n`)

/**
 * Description of the episodes in a directory; undefined where there are none. A data set of fewer episodes is the beginning
 * of one of more.
 * @throws ConfigError `config/other-dataset` for a file of another form, or episodes of other options.
 */
export function episodesThere(
  directory: string,
  wanted: EpisodesDescription,
): EpisodesDescription | undefined {
  const path = join(directory, file)
  if (!existsSync(path)) return undefined
  const parsed = description.safeParse(jsonOf(path))
  if (!parsed.success) {
    const problem = `${path} was not written by this version of the command. Delete it, or give another directory`
    throw new ConfigError('config/other-dataset', problem, { file: path })
  }
  const known = parsed.data.options
  const differing = [...new Set([...Object.keys(wanted.options), ...Object.keys(known)])].filter((name) =>
    name === 'episodes'
      ? Number(known[name]) > Number(wanted.options[name])
      : JSON.stringify(known[name]) !== JSON.stringify(wanted.options[name]),
  )
  if (differing.length === 0) return parsed.data as EpisodesDescription
  throw new ConfigError(
    'config/other-dataset',
    `${directory} holds episodes of other options (${differing.join(', ')}). Give the same ones to go on with them, or another directory`,
    { directory, differing, known },
  )
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
