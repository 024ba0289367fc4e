import { statSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../../core/index.ts'
import {
  dataColumn,
  dataLayout,
  type FeatureColumn,
  isNumberType,
  storedFeatures,
  taskLayout,
} from './data-columns.ts'
import {
  type EpisodeRow,
  episodeColumns,
  episodeLayout,
  type StatisticShapes,
  statisticValue,
} from './episode-columns.ts'
import {
  type FilePlace,
  type LerobotEpisode,
  type LerobotFeature,
  type LerobotInfo,
  lerobotFiles,
  lerobotPath,
  lerobotSizes,
  type VideoPart,
} from './layout.ts'
import { appendRowGroup } from './parquet-append.ts'
import {
  mergeStatistics,
  type RecordedStatistics,
  statisticNames,
  vectorStatistics,
} from './recorded-statistics.ts'

/** Content of a data set so far. */
export interface RecordedBefore {
  readonly tasks: readonly string[]
  readonly episodes: number
  readonly frames: number
  /** Statistics over all episodes, by feature. */
  readonly statistics: Readonly<Record<string, RecordedStatistics>>
  /** The last files of data and of episodes; undefined without episodes. New episodes go into other ones. */
  readonly last?: { readonly data: FilePlace; readonly meta: FilePlace }
}

/** An episode that is to be saved. */
export interface FinishedEpisode {
  /** Command of each frame. */
  readonly tasks: readonly string[]
  /** Values of the features that the user gave. */
  readonly columns: Readonly<Record<string, FeatureColumn>>
  /** Statistics of these features. */
  readonly statistics: Readonly<Record<string, RecordedStatistics>>
  readonly videos: Readonly<Record<string, VideoPart>>
}

/** A file to which episodes are added. */
interface OpenFile {
  readonly place: FilePlace
  /** Row groups in it. */
  readonly groups: number
  readonly frames: number
}

/** Episodes whose rows stand in one row group of `meta/episodes`. */
const rowsInGroup = 100

/**
 * Files of a data set of version 3.0, without its videos, to which episodes are added one at a time. Every file is replaced
 * as a whole and in this order: tasks, data, episodes, statistics, info. An episode is recorded once its row stands in
 * `meta/episodes`; rows of data that no episode names are what a process left that ended in between.
 */
export class RecordedFiles {
  readonly #directory: string
  #info: LerobotInfo
  #tasks: readonly string[]
  #frames: number
  #episodes: number
  #statistics: Readonly<Record<string, RecordedStatistics>>
  #last: RecordedBefore['last']
  #data: OpenFile | undefined
  #meta: OpenFile | undefined
  /** Rows of the last row group of the file of episodes, which is written anew with each. */
  #rows: readonly EpisodeRow[] = []

  constructor(directory: string, info: LerobotInfo, before: RecordedBefore) {
    this.#directory = directory
    this.#info = info
    this.#tasks = before.tasks
    this.#frames = before.frames
    this.#episodes = before.episodes
    this.#statistics = before.statistics
    this.#last = before.last
  }

  get episodes(): number {
    return this.#episodes
  }

  /** Save an episode. After an error nothing of it counts, and it can be saved again. */
  save(finished: FinishedEpisode): LerobotEpisode {
    const { tasks, statistics, videos } = finished
    const known = [...new Set([...this.#tasks, ...tasks])]
    if (known.length > this.#tasks.length) this.#writeTasks(known)
    const columns = { ...finished.columns, ...this.#frameValues(tasks, known) }
    const all = { ...statistics, ...frameStatistics(columns) }
    const data = this.#appendData(columns, tasks.length)
    const episode: LerobotEpisode = {
      index: this.#episodes,
      tasks: [...new Set(tasks)],
      length: tasks.length,
      fromIndex: this.#frames,
      toIndex: this.#frames + tasks.length,
      data: data.place,
      videos,
    }
    const meta = this.#appendEpisode(episode, all)
    this.#data = data
    this.#meta = meta
    this.#last = { data: data.place, meta: meta.place }
    this.#episodes++
    this.#frames += tasks.length
    this.#statistics = merged(this.#statistics, all)
    this.writeSummary()
    return episode
  }

  /** Write `stats.json` and `info.json` with what the episodes amount to. */
  writeSummary(): void {
    const stats = Object.entries(this.#statistics).map(([name, statistics]) => {
      const isPicture = !isNumberType(this.#info.features[name]?.dtype ?? '')
      const values = statisticNames.map((key) => [key, statisticValue(statistics[key], isPicture)])
      return [name, { ...Object.fromEntries(values), count: [statistics.count] }]
    })
    this.#writeJson(lerobotFiles.stats, Object.fromEntries(stats))
    this.#info = {
      ...this.#info,
      total_episodes: this.#episodes,
      total_frames: this.#frames,
      total_tasks: this.#tasks.length,
      splits: { train: `0:${this.#episodes}` },
    }
    this.#writeJson(lerobotFiles.info, this.#info)
  }

  /** Add facts about a camera's videos, which the first of them tells. */
  describeVideo(camera: string, info: Readonly<Record<string, unknown>>): void {
    const feature = this.#info.features[camera]
    if (feature === undefined || feature.info) return
    this.#info = { ...this.#info, features: { ...this.#info.features, [camera]: { ...feature, info } } }
  }

  #writeJson(file: string, content: unknown): void {
    writeFileAtomic(join(this.#directory, file), `${JSON.stringify(content, undefined, 4)}\n`)
  }

  #writeTasks(tasks: readonly string[]): void {
    const columns = [
      { name: 'task_index', data: tasks.map((_, i) => BigInt(i)) },
      { name: 'task', data: [...tasks] },
    ]
    appendRowGroup(join(this.#directory, lerobotFiles.tasks), taskLayout, columns, 0)
    this.#tasks = tasks
  }

  #frameValues(tasks: readonly string[], known: readonly string[]) {
    const frames = tasks.map((_, i) => i)
    return {
      timestamp: frames.map((frame) => Math.fround(frame / this.#info.fps)),
      frame_index: frames,
      episode_index: frames.map(() => this.#episodes),
      index: frames.map((frame) => this.#frames + frame),
      task_index: tasks.map((task) => known.indexOf(task)),
    }
  }

  #appendData(columns: Readonly<Record<string, FeatureColumn>>, frames: number): OpenFile {
    const open = this.#fileFor(lerobotFiles.data, this.#data, this.#last?.data, frames)
    const path = join(this.#directory, lerobotPath(lerobotFiles.data, fieldsOf(open.place)))
    const stored = storedFeatures(this.#info.features)
    const written = stored.map(([name, feature]) =>
      dataColumn(name, feature, columns[name] ?? [], this.#episodes),
    )
    appendRowGroup(path, dataLayout(this.#info.features), written, open.groups)
    return { place: open.place, groups: open.groups + 1, frames: open.frames + frames }
  }

  #appendEpisode(
    episode: LerobotEpisode,
    statistics: Readonly<Record<string, RecordedStatistics>>,
  ): OpenFile {
    const open = this.#fileFor(lerobotFiles.episodes, this.#meta, this.#last?.meta, 1)
    const isNew = open.place !== this.#meta?.place
    const earlier = isNew || this.#rows.length === rowsInGroup ? [] : this.#rows
    const kept = earlier.length > 0 ? open.groups - 1 : open.groups
    const rows = [...earlier, { episode, statistics, meta: open.place }]
    const path = join(this.#directory, lerobotPath(lerobotFiles.episodes, fieldsOf(open.place)))
    const shapes = statisticShapes(this.#info.features)
    appendRowGroup(path, episodeLayout(shapes), episodeColumns(rows, shapes), kept)
    this.#rows = rows
    return { place: open.place, groups: kept + 1, frames: open.frames + 1 }
  }

  /** The open file, or the next one where the new frames would make it larger than LeRobot's limit. */
  #fileFor(
    template: string,
    open: OpenFile | undefined,
    last: FilePlace | undefined,
    frames: number,
  ): OpenFile {
    const { data_files_size_in_mb: limit = lerobotSizes.dataMegabytes, chunks_size: chunk } = this.#info
    if (open) {
      const bytes = statSync(join(this.#directory, lerobotPath(template, fieldsOf(open.place)))).size
      if (bytes + (bytes / open.frames) * frames < limit * 2 ** 20) return open
    }
    return { place: last ? nextFile(last, chunk) : { chunk: 0, file: 0 }, groups: 0, frames: 0 }
  }
}

/** Fields of paths for a place. */
export const fieldsOf = ({ chunk, file }: FilePlace) => ({ chunk_index: chunk, file_index: file })

/** Place of the file after another. */
export const nextFile = ({ chunk, file }: FilePlace, chunkSize: number): FilePlace =>
  file + 1 < chunkSize ? { chunk, file: file + 1 } : { chunk: chunk + 1, file: 0 }

const frameStatistics = (columns: Readonly<Record<string, FeatureColumn>>) =>
  Object.fromEntries(
    ['timestamp', 'frame_index', 'episode_index', 'index', 'task_index'].map((name) => [
      name,
      vectorStatistics(columns[name] as readonly number[], 1),
    ]),
  )

/** Statistics of two sets of episodes together, by feature. */
export const merged = (
  a: Readonly<Record<string, RecordedStatistics>>,
  b: Readonly<Record<string, RecordedStatistics>>,
): Record<string, RecordedStatistics> =>
  Object.fromEntries(
    Object.entries(b).map(([name, statistics]) => {
      const earlier = a[name]
      return [name, earlier ? mergeStatistics(earlier, statistics) : statistics]
    }),
  )

/** Features by the way their statistics are stored. */
export const statisticShapes = (features: Readonly<Record<string, LerobotFeature>>): StatisticShapes => ({
  videos: Object.keys(features).filter((name) => features[name]?.dtype === 'video'),
  features: Object.entries(features)
    .filter(([, { dtype }]) => dtype !== 'string')
    .map(([name, { dtype }]) => ({ name, isPicture: !isNumberType(dtype) })),
})
