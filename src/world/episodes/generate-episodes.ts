import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { LeRobotWriter, type RecordedFeature } from '../../data/index.ts'
import type { RobotNumbers } from '../control/robot-numbers.ts'
import { controlRate } from '../control/robot-numbers.ts'
import type { GenerateControls } from '../dataset/generate.ts'
import {
  describeEpisodes,
  type EpisodeCounts,
  type EpisodesDescription,
  episodesThere,
  writeEpisodesDescription,
} from './description.ts'
import { type DemonstratedEpisode, EpisodeMaker, nothingRefused } from './episode-maker.ts'
import { makeEpisodes } from './episode-workers.ts'
import {
  checkEpisodeOptions,
  type EpisodeOptions,
  type EpisodeSplit,
  episodeSplits,
  episodesOf,
} from './options.ts'

/** Names of the cameras, the state, the action and the boxes in data sets of demonstrations. */
export const episodeFeatures = {
  head: 'observation.images.head',
  wrist: 'observation.images.wrist',
  state: 'observation.state',
  action: 'action',
  box: 'target.box',
  landmark: 'landmark.box',
} as const

/**
 * Generate demonstrations in a directory: for each split a LeRobot data set v3.0 of successful episodes, and
 * `episodes.json`. The same options give the same episodes, for any count of threads and interruptions.
 * @returns Undefined when stopped.
 * @throws ConfigError for options out of range, and for a directory with episodes of other options; WorldError for an
 * unsuitable robot.
 */
export async function generateEpisodes(
  directory: string,
  options: EpisodeOptions,
  { workers = availableParallelism(), onStart, onScene = () => {}, signal }: GenerateControls = {},
): Promise<EpisodesDescription | undefined> {
  checkEpisodeOptions(options)
  const { numbers, robot } = await aboutRobot(options)
  const empty = describeEpisodes(options, robot, {})
  const there = episodesThere(directory, empty)
  mkdirSync(directory, { recursive: true })
  writeEpisodesDescription(directory, describeEpisodes(options, robot, there?.splits ?? {}))
  const counts: Partial<Record<EpisodeSplit, EpisodeCounts>> = { ...there?.splits }
  const total = episodesOf(options)
  const writers = new Map<EpisodeSplit, LeRobotWriter>()
  for (const split of episodeSplits) {
    const recording = { fps: controlRate, features: featuresOf(numbers, options), robotType: 'visuomotor' }
    writers.set(split, await LeRobotWriter.open(join(directory, split), recording))
  }
  const missing = episodeSplits.flatMap((split) => {
    const first = writers.get(split)!.episodes
    return Array.from({ length: Math.max(0, total[split] - first) }, (_, i) => ({ split, number: first + i }))
  })
  const all = episodeSplits.reduce((sum, split) => sum + total[split], 0)
  onStart?.(all - missing.length, all)
  let made = 0
  for await (const episode of makeEpisodes(missing, options, Math.max(1, workers))) {
    const { split, number } = missing[made++]!
    await record(writers.get(split)!, episode)
    counts[split] = added(counts[split], number, episode)
    writeEpisodesDescription(directory, describeEpisodes(options, robot, counts))
    onScene()
    if (signal?.aborted) break
  }
  if (made < missing.length) return undefined
  return describeEpisodes(options, robot, counts)
}

async function aboutRobot(options: EpisodeOptions) {
  const maker = await EpisodeMaker.open(options)
  try {
    return { numbers: maker.numbers, robot: maker.robot }
  } finally {
    maker.dispose()
  }
}

/** Features of the data sets of a robot with these numbers. */
function featuresOf(
  { state, action }: RobotNumbers,
  { size, wrist }: EpisodeOptions,
): Record<string, RecordedFeature> {
  const camera = { dtype: 'image', shape: [size, size, 3] } as const
  const box = { dtype: 'float32', shape: [4], names: ['left', 'top', 'right', 'bottom'] } as const
  return {
    [episodeFeatures.head]: camera,
    ...(wrist && { [episodeFeatures.wrist]: camera }),
    [episodeFeatures.state]: { dtype: 'float32', shape: [state.length], names: state },
    [episodeFeatures.action]: { dtype: 'float32', shape: [action.length], names: action },
    [episodeFeatures.box]: box,
    [episodeFeatures.landmark]: box,
  }
}

async function record(writer: LeRobotWriter, { task, frames }: DemonstratedEpisode): Promise<void> {
  for (const { head, wrist, state, action, box, landmark } of frames) {
    const side = Math.sqrt(head.length / 3)
    const picture = (data: Uint8Array) => ({ width: side, height: side, data })
    await writer.addFrame({
      task,
      [episodeFeatures.head]: picture(head),
      ...(wrist && { [episodeFeatures.wrist]: picture(wrist) }),
      [episodeFeatures.state]: state,
      [episodeFeatures.action]: action,
      [episodeFeatures.box]: box,
      [episodeFeatures.landmark]: landmark,
    })
  }
  await writer.saveEpisode()
}

/** Counts with one more episode. Those of an episode whose file was written before a crash are lost. */
function added(
  counts: EpisodeCounts = { episodes: 0, frames: 0, refused: nothingRefused },
  number: number,
  { frames, refused }: DemonstratedEpisode,
): EpisodeCounts {
  const sums = Object.entries(counts.refused).map(
    ([reason, count]) => [reason, count + refused[reason as keyof typeof refused]] as const,
  )
  return {
    episodes: number + 1,
    frames: counts.frames + frames.length,
    refused: Object.fromEntries(sums) as EpisodeCounts['refused'],
  }
}
