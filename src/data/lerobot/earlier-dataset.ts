import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type Episode, videoCameras } from './episode.ts'
import {
  earlierFiles,
  type LerobotInfo,
  layoutError,
  lerobotPath,
  lerobotStatistics,
  parsed,
} from './layout.ts'
import { type FeatureStatistics, flatStatistics, joinedStatistics } from './statistics.ts'

const index = z.int().min(0)
const episodeLine = z.looseObject({ episode_index: index, tasks: z.array(z.string()), length: index })
const taskLine = z.looseObject({ task_index: index, task: z.string() })
const statisticsLine = z.looseObject({ episode_index: index, stats: z.record(z.string(), z.unknown()) })

/** Episodes of version 2.1: a Parquet file each, and a video file each for every camera. */
export function earlierEpisodes(directory: string, info: LerobotInfo): Episode[] {
  const cameras = videoCameras(info)
  const rows = linesOf(directory, earlierFiles.episodes, episodeLine)
  rows.sort((a, b) => a.episode_index - b.episode_index)
  return rows.map(({ episode_index, tasks, length }) => {
    const fields = { episode_chunk: Math.floor(episode_index / info.chunks_size), episode_index }
    const video = (key: string) => lerobotPath(info.video_path ?? '', { ...fields, video_key: key })
    return {
      index: episode_index,
      length,
      tasks,
      data: { file: join(directory, lerobotPath(info.data_path, fields)), row: 0 },
      videos: Object.fromEntries(cameras.map((key) => [key, { file: join(directory, video(key)), from: 0 }])),
    }
  })
}

/** Texts of the tasks of version 2.1, by their index. */
export const earlierTasks = (directory: string): ReadonlyMap<number, string> =>
  new Map(linesOf(directory, earlierFiles.tasks, taskLine).map(({ task_index, task }) => [task_index, task]))

/** Statistics of version 2.1, which has them for each episode, over all of them; undefined where it has none. */
export function earlierStatistics(directory: string): Record<string, FeatureStatistics> | undefined {
  const file = join(directory, earlierFiles.episodeStats)
  if (!existsSync(file)) return undefined
  const parts = new Map<string, { statistics: FeatureStatistics; weight: number }[]>()
  for (const { stats } of linesOf(directory, earlierFiles.episodeStats, statisticsLine))
    for (const [key, value] of Object.entries(stats)) {
      const checked = lerobotStatistics.safeParse(value)
      if (!checked.success) continue
      const weight = checked.data.count?.[0] ?? 1
      parts.set(key, [...(parts.get(key) ?? []), { statistics: flatStatistics(checked.data), weight }])
    }
  return Object.fromEntries([...parts].map(([key, own]) => [key, joinedStatistics(own)]))
}

function linesOf<Schema extends z.ZodType>(
  directory: string,
  name: string,
  schema: Schema,
): z.output<Schema>[] {
  const file = join(directory, name)
  if (!existsSync(file)) throw layoutError(file, 'it is missing')
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, number) => {
      if (line.trim() === '') return []
      const place = `line ${number + 1}: `
      try {
        return [parsed(schema, JSON.parse(line), file, place)]
      } catch (cause) {
        if (cause instanceof SyntaxError) throw layoutError(file, `${place}it is not JSON`, cause)
        throw cause
      }
    })
}
