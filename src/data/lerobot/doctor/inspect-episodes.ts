import { readLerobot } from '../dataset.ts'
import { camerasOf } from '../episode.ts'
import { lerobot } from '../source.ts'
import { type CameraLook, lookAtCameras } from './check-cameras.ts'
import { repeatedEpisodes, statisticsFindings, taskFindings } from './check-records.ts'
import { stepsInFrames, timeFindings } from './check-time.ts'
import { valueFindings } from './check-values.ts'
import { readSeries, valueNames } from './episode-series.ts'
import type { Finding } from './finding.ts'
import { summaryOf, type ValueSummary } from './value-summary.ts'

/** Content of a data set of episodes, and what a person should look at. */
export interface EpisodesInspection {
  readonly directory: string
  readonly version: string
  readonly robot: string | undefined
  readonly fps: number
  readonly frames: number
  /** Episodes: frames, seconds, commands, and the longest step in frames. */
  readonly episodes: readonly {
    readonly index: number
    readonly frames: number
    readonly seconds: number
    readonly tasks: readonly string[]
    readonly longestStep: number
  }[]
  /** Count of episodes for each task. */
  readonly tasks: Readonly<Record<string, number>>
  readonly cameras: readonly string[]
  readonly values: readonly ValueSummary[]
  readonly findings: readonly Finding[]
}

/** An inspection with the pictures that were looked at. */
export interface SeenEpisodes {
  readonly inspection: EpisodesInspection
  readonly looks: readonly CameraLook[]
}

/**
 * Inspect a data set of LeRobot: lengths and times of its episodes, each number of its features, its tasks and
 * statistics, and some pictures of each camera. All its numbers are in memory meanwhile.
 * @param onEpisode Callback after the pictures of each episode that is looked at.
 * @throws DataError for a data set whose description or numbers cannot be read.
 */
export async function inspectEpisodes(
  directory: string,
  onEpisode: () => void = () => {},
): Promise<SeenEpisodes> {
  const dataset = readLerobot(directory)
  const { info } = dataset
  const series = readSeries(dataset)
  const values = valueNames(info).map((name) => summaryOf(series, name))
  const cameras = camerasOf(info)
  const seen =
    cameras.length > 0
      ? await lookAtCameras(lerobot(directory), dataset, onEpisode)
      : { looks: [], findings: [] }
  const episodes = series.map(({ episode: { index, length, tasks }, timestamps }) => ({
    index,
    frames: length,
    seconds: length / info.fps,
    tasks,
    longestStep: stepsInFrames(timestamps, info.fps).reduce((most, step) => Math.max(most, step), 0),
  }))
  const tasks: Record<string, number> = {}
  for (const task of episodes.flatMap((episode) => episode.tasks)) tasks[task] = (tasks[task] ?? 0) + 1
  const inspection: EpisodesInspection = {
    directory,
    version: info.codebase_version,
    robot: info.robot_type ?? undefined,
    fps: info.fps,
    frames: series.reduce((sum, { episode }) => sum + episode.length, 0),
    episodes,
    tasks,
    cameras,
    values,
    findings: [
      ...timeFindings(series, info.fps),
      ...valueFindings(values),
      ...repeatedEpisodes(series),
      ...taskFindings(series, dataset),
      ...statisticsFindings(values, dataset),
      ...seen.findings,
    ],
  }
  return { inspection, looks: seen.looks }
}
