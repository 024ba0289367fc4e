import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ConfigError, DataError } from '../../core/index.ts'
import { readFooter } from '../sources/parquet/footer.ts'
import { episodeFiles, readJson, tasksOf } from './dataset.ts'
import {
  episodeRow,
  type FilePlace,
  type LerobotEpisode,
  type LerobotInfo,
  layoutError,
  lerobotFiles,
  lerobotPath,
  parsed,
  parseInfo,
} from './layout.ts'
import { keepRowGroups } from './parquet-append.ts'
import { columnsOf, readTable } from './parquet-table.ts'
import { fieldsOf, merged, type RecordedBefore, statisticShapes } from './recorded-files.ts'
import { type RecordedStatistics, statisticNames } from './recorded-statistics.ts'

/** Findings in a directory where a recording goes on. */
export interface FoundRecording extends RecordedBefore {
  /** `info.json` as it stands. */
  readonly info: LerobotInfo
  /** Last video file of each camera. */
  readonly videos: Readonly<Record<string, FilePlace>>
}

/**
 * Read what a directory holds, and take away what a process left there that ended while it recorded: unfinished files, and
 * data of an episode whose row is missing.
 * @returns undefined where there is no data set.
 * @throws DataError for files that are not as version 3.0 lays down.
 */
export function findRecording(directory: string): FoundRecording | undefined {
  const file = join(directory, lerobotFiles.info)
  if (!existsSync(file)) return undefined
  const info = parseInfo(readJson(file), file)
  if (info.codebase_version !== 'v3.0') {
    throw new DataError(
      'data/lerobot-version',
      `${file}: the data set is of version ${info.codebase_version}, and only v3.0 is added to: record into another directory, or convert it first`,
      { file, version: info.codebase_version },
    )
  }
  removeUnfinished(directory)
  const shapes = statisticShapes(info.features)
  const folder = join(directory, 'meta/episodes')
  const files = existsSync(folder) ? episodeFiles(directory) : []
  const rows = files.flatMap((path) => readTable(path, columnsOf(path)))
  const episodes = rows.map((row) => parsed(episodeRow(shapes.videos), row, folder))
  const last = episodes.at(-1)
  if (last === undefined) {
    return { info, tasks: [], episodes: 0, frames: 0, statistics: {}, videos: {} }
  }
  dropRowsBehind(directory, last, episodes)
  const statistics = rows.map((row) =>
    Object.fromEntries(shapes.features.map(({ name }) => [name, statisticsOf(row, name)])),
  )
  return {
    info,
    tasks: [...tasksOf(directory)].sort(([a], [b]) => a - b).map(([, task]) => task),
    episodes: episodes.length,
    frames: last.toIndex,
    statistics: statistics.reduce((all, own) => merged(all, own)),
    last: { data: last.data, meta: metaPlace(rows.at(-1)) },
    videos: last.videos,
  }
}

/**
 * Check that a recording can go on with these features and rate.
 * @throws ConfigError `config/recording` naming what differs.
 */
export function requireSame(
  directory: string,
  { info }: FoundRecording,
  wanted: Pick<LerobotInfo, 'fps' | 'features'>,
): void {
  const differs = (what: string) =>
    new ConfigError(
      'config/recording',
      `${directory} holds a data set of another kind: ${what}. Record into another directory, or with its features`,
      { directory },
    )
  if (info.fps !== wanted.fps) throw differs(`it has ${info.fps} frames a second, not ${wanted.fps}`)
  const names = new Set([...Object.keys(info.features), ...Object.keys(wanted.features)])
  for (const name of names) {
    const [theirs, ours] = [info.features[name], wanted.features[name]]
    if (theirs === undefined) throw differs(`it lacks the feature "${name}"`)
    if (ours === undefined) throw differs(`it has the feature "${name}"`)
    if (theirs.dtype !== ours.dtype || !isDeepStrictEqual(theirs.shape, ours.shape))
      throw differs(`its "${name}" is ${theirs.dtype} [${theirs.shape}], not ${ours.dtype} [${ours.shape}]`)
  }
}

function removeUnfinished(directory: string): void {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    const isScratch = entry.parentPath === directory && entry.name.startsWith(scratchPrefix)
    if (isScratch || /\.\d+\.tmp$/.test(entry.name))
      rmSync(join(entry.parentPath, entry.name), { recursive: true, force: true })
  }
}

/** Beginning of the name of a directory for unfinished videos. */
export const scratchPrefix = '.recording-'

/** Cut rows of data behind the last episode, and remove files behind its file. */
function dropRowsBehind(directory: string, last: LerobotEpisode, episodes: readonly LerobotEpisode[]): void {
  const isSame = (place: FilePlace) => place.chunk === last.data.chunk && place.file === last.data.file
  const wanted = episodes
    .filter(({ data }) => isSame(data))
    .reduce((frames, { length }) => frames + length, 0)
  const path = join(directory, lerobotPath(lerobotFiles.data, fieldsOf(last.data)))
  const groups = readFooter(path).row_groups
  let [frames, kept] = [0, 0]
  while (frames < wanted && kept < groups.length) frames += Number(groups[kept++]!.num_rows)
  if (frames !== wanted) throw layoutError(path, `its row groups do not end where episode ${last.index} ends`)
  if (kept < groups.length) keepRowGroups(path, kept)
  const folder = join(directory, 'data')
  const isBehind = (name: string) => {
    const [, chunk, file] = /chunk-(\d+)[/\\]file-(\d+)\.parquet$/.exec(name)?.map(Number) ?? []
    if (chunk === undefined || file === undefined) return false
    return chunk > last.data.chunk || (chunk === last.data.chunk && file > last.data.file)
  }
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isBehind))
    rmSync(join(folder, name))
}

const metaPlace = (row: Record<string, unknown> = {}): FilePlace => ({
  chunk: Number(row['meta/episodes/chunk_index'] ?? 0),
  file: Number(row['meta/episodes/file_index'] ?? 0),
})

function statisticsOf(row: Record<string, unknown>, feature: string): RecordedStatistics {
  const numbers = (name: string) => [row[`stats/${feature}/${name}`]].flat(3).map((value) => Number(value))
  const values = statisticNames.map((name) => [name, numbers(name)] as const)
  return { ...Object.fromEntries(values), count: numbers('count')[0] ?? 0 } as unknown as RecordedStatistics
}
