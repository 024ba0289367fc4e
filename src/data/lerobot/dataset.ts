import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { earlierEpisodes, earlierStatistics, earlierTasks } from './earlier-dataset.ts'
import { type Episode, videoCameras } from './episode.ts'
import {
  episodeRow,
  type LerobotEpisode,
  type LerobotInfo,
  layoutError,
  lerobotFiles,
  lerobotPath,
  lerobotStats,
  parsed,
  parseInfo,
  taskRow,
  versionError,
  videoColumns,
} from './layout.ts'
import { readTable } from './parquet-table.ts'

/** A data set of LeRobot as its `meta` describes it. */
export interface LerobotDataset {
  readonly directory: string
  readonly info: LerobotInfo
  /** Texts of tasks by their index. */
  readonly tasks: ReadonlyMap<number, string>
  readonly episodes: readonly Episode[]
  /** Content of `meta/stats.json`; of version 2.1 gathered from its episodes. Undefined where there is none. */
  readonly stats: Readonly<Record<string, unknown>> | undefined
}

/**
 * Read the description of a data set in a directory, of version 3.0 or 2.1, without its frames.
 * @throws DataError `data/lerobot-layout` for a file that is missing or has another form, `data/lerobot-version` for
 * another version, `data/damaged-shard` for a Parquet file that is cut short.
 */
export function readLerobot(directory: string): LerobotDataset {
  const file = join(directory, lerobotFiles.info)
  const ofVersion1 = join(directory, 'meta_data/info.json')
  if (!existsSync(file) && existsSync(ofVersion1)) throw versionError(ofVersion1, '1')
  const info = parseInfo(readJson(file), file)
  const isEarlier = info.codebase_version === 'v2.1'
  const listed = isEarlier ? earlierEpisodes(directory, info) : episodesOf(directory, info)
  const episodes = listed.slice(0, info.total_episodes) // a process may end before it counts the last
  for (const [place, { index }] of episodes.entries())
    if (index !== place)
      throw layoutError(join(directory, 'meta'), `episode ${place} is missing: ${index} stands in its place`)
  if (episodes.length !== info.total_episodes)
    throw layoutError(
      file,
      `it counts ${info.total_episodes} episodes, but ${episodes.length} are listed under meta`,
    )
  return {
    directory,
    info,
    episodes,
    tasks: isEarlier ? earlierTasks(directory) : tasksOf(directory),
    stats: statsOf(directory) ?? (isEarlier ? earlierStatistics(directory) : undefined),
  }
}

/** Content of a JSON file. @throws DataError `data/lerobot-layout` when it is missing or no JSON. */
export function readJson(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw layoutError(file, 'it cannot be read', cause)
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw layoutError(file, `it is not JSON: ${(cause as Error).message}`, cause)
  }
}

function statsOf(directory: string): z.output<typeof lerobotStats> | undefined {
  const file = join(directory, lerobotFiles.stats)
  return existsSync(file) ? parsed(lerobotStats, readJson(file), file) : undefined
}

/** Texts of tasks by their index, of version 3.0. */
export function tasksOf(directory: string): ReadonlyMap<number, string> {
  const file = join(directory, lerobotFiles.tasks)
  if (!existsSync(file)) throw layoutError(file, 'it is missing')
  const rows = readTable(file, ['task_index', 'task', '__index_level_0__'])
  return new Map(
    rows.map((row, number) => {
      const { index, task } = parsed(taskRow, row, file, `row ${number}: `)
      return [index, task] as const
    }),
  )
}

const episodeColumnNames = [
  'episode_index',
  'tasks',
  'length',
  'dataset_from_index',
  'dataset_to_index',
  'data/chunk_index',
  'data/file_index',
]

function episodesOf(directory: string, info: LerobotInfo): Episode[] {
  const cameras = videoCameras(info)
  const schema = episodeRow(cameras)
  const columns = [...episodeColumnNames, ...cameras.flatMap((key) => Object.values(videoColumns(key)))]
  const rows = episodeFiles(directory).flatMap((file) =>
    readTable(file, columns).map((row, number) => parsed(schema, row, file, `row ${number}: `)),
  )
  rows.sort((a, b) => a.index - b.index)
  return located(directory, info, rows)
}

/** Files of episodes, in their order. */
export function episodeFiles(directory: string): string[] {
  const folder = join(directory, 'meta/episodes')
  if (!existsSync(folder)) throw layoutError(folder, 'it is missing')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files
    .filter((name) => name.endsWith('.parquet'))
    .sort()
    .map((name) => join(folder, name))
}

/** Episodes with their paths. Rows of a data file begin with the lowest index of its episodes. */
function located(directory: string, info: LerobotInfo, rows: readonly LerobotEpisode[]): Episode[] {
  const firstRows = new Map<string, number>()
  const dataFile = ({ data: { chunk, file } }: LerobotEpisode) =>
    join(directory, lerobotPath(info.data_path, { chunk_index: chunk, file_index: file }))
  for (const row of rows) {
    const file = dataFile(row)
    firstRows.set(file, Math.min(firstRows.get(file) ?? Number.POSITIVE_INFINITY, row.fromIndex))
  }
  return rows.map((row) => {
    const file = dataFile(row)
    return {
      index: row.index,
      length: row.length,
      tasks: row.tasks,
      data: { file, row: row.fromIndex - firstRows.get(file)! },
      videos: Object.fromEntries(
        Object.entries(row.videos).map(([key, { chunk, file, fromTimestamp }]) => {
          const fields = { video_key: key, chunk_index: chunk, file_index: file }
          const path = lerobotPath(info.video_path ?? lerobotFiles.videos, fields)
          return [key, { file: join(directory, path), from: fromTimestamp }]
        }),
      ),
    }
  })
}
