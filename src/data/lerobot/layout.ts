import { z } from 'zod'
import { DataError } from '../../core/index.ts'

/** Versions of LeRobot's format that are read. The first is written. */
export const lerobotVersions = ['v3.0', 'v2.1'] as const
export type LerobotVersion = (typeof lerobotVersions)[number]

/** Files of a data set, relative to its directory. */
export const lerobotFiles = {
  info: 'meta/info.json',
  stats: 'meta/stats.json',
  /** Version 3.0: a pandas frame with column `task_index`, its index named `task`. */
  tasks: 'meta/tasks.parquet',
  episodes: 'meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet',
  data: 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet',
  videos: 'videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4',
  /** Pictures of an episode that is being recorded. */
  images: 'images/{image_key}/episode-{episode_index:06d}/frame-{frame_index:06d}.png',
} as const

/** Files that only version 2.1 has, which holds one file an episode in the place of `data` and `videos`. */
export const earlierFiles = {
  tasks: 'meta/tasks.jsonl',
  episodes: 'meta/episodes.jsonl',
  episodeStats: 'meta/episodes_stats.jsonl',
} as const

/** LeRobot's own sizes: files of a chunk, and megabytes after which another file begins. */
export const lerobotSizes = { chunk: 1000, dataMegabytes: 100, videoMegabytes: 200 } as const

/** Columns that every row of data has beside the features of the robot. */
export const frameColumns = {
  timestamp: { dtype: 'float32', shape: [1], names: null },
  frame_index: { dtype: 'int64', shape: [1], names: null },
  episode_index: { dtype: 'int64', shape: [1], names: null },
  index: { dtype: 'int64', shape: [1], names: null },
  task_index: { dtype: 'int64', shape: [1], names: null },
} as const

/** Fill the fields of a path: `{chunk_index:03d}` becomes `007`. @throws DataError `data/lerobot-layout` for an unknown field. */
export function lerobotPath(template: string, fields: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)(?::0(\d+)d)?\}/g, (written, name: string, digits?: string) => {
    const value = fields[name]
    if (value !== undefined) return String(value).padStart(Number(digits ?? 0), '0')
    const known = Object.keys(fields).join(', ')
    throw layoutError(lerobotFiles.info, `the path "${template}" has ${written}; the fields are ${known}`)
  })
}

const count = z.int().min(0)
/** Whole number of a column of int64, which is read as bigint. */
const wholeNumber = z.union([count, z.bigint().min(0n)]).transform(Number)

/** Names of the values of a feature: a list, lists in groups (`{ motors: […] }`), or none. */
const featureNames = z.union([
  z.array(z.string()),
  z.record(z.string(), z.union([z.array(z.string()), z.string(), z.number()])),
  z.null(),
])

/** A feature of `info.json`: what a column of data, or a camera, holds. */
export const lerobotFeature = z.looseObject({
  /** `float32`, `float64`, `int64`, `bool`, `string`, `image`, `video` and others. */
  dtype: z.string(),
  /** Shape of one frame's value; of a camera as `names` says it, most often height, width, channels. */
  shape: z.array(count),
  names: featureNames.optional(),
  /** Description of a video: `video.fps`, `video.codec` and so on. */
  info: z.record(z.string(), z.unknown()).nullish(),
})
export type LerobotFeature = z.output<typeof lerobotFeature>

/** Content of `meta/info.json`. Further keys are kept. */
export const lerobotInfo = z.looseObject({
  codebase_version: z.enum(lerobotVersions),
  robot_type: z.string().nullish(),
  total_episodes: count,
  total_frames: count,
  total_tasks: count,
  chunks_size: z.int().positive(),
  fps: z.number().positive(),
  /** Ranges of episodes: `{ train: "0:50" }`. */
  splits: z.record(z.string(), z.string()).optional(),
  data_path: z.string(),
  /** `null` in data without videos. */
  video_path: z.string().nullish(),
  data_files_size_in_mb: z.number().positive().optional(),
  video_files_size_in_mb: z.number().positive().optional(),
  features: z.record(z.string(), lerobotFeature),
})
export type LerobotInfo = z.output<typeof lerobotInfo>

/** Numbers in any nesting: of pictures statistics are [channels, 1, 1]. */
type Numbers = number | readonly Numbers[]
const numbers: z.ZodType<Numbers> = z.union([
  z.number(),
  z.boolean().transform(Number), // extremes of a feature of bool
  z.lazy(() => z.array(numbers)),
])

/** Statistics of one feature: one value for each of its values, of pictures one a channel in [0, 1]. */
export const lerobotStatistics = z.looseObject({
  min: numbers,
  max: numbers,
  mean: numbers,
  std: numbers,
  /** Count of frames, as a list of one. */
  count: z.array(count).optional(),
  q01: numbers.optional(),
  q10: numbers.optional(),
  q50: numbers.optional(),
  q90: numbers.optional(),
  q99: numbers.optional(),
})
export type LerobotStatistics = z.output<typeof lerobotStatistics>

/** Content of `meta/stats.json`. Statistics of texts and the like may have other forms; they are not checked. */
export const lerobotStats = z.record(z.string(), z.unknown())

/** Row of `meta/tasks.parquet`. The index is called `task`, in older files `__index_level_0__`. */
export const taskRow = z
  .object({
    task_index: wholeNumber,
    task: z.string().optional(),
    __index_level_0__: z.string().optional(),
  })
  .transform(({ task_index, task, __index_level_0__ }) => ({
    index: task_index,
    task: task ?? __index_level_0__,
  }))
  .pipe(z.object({ index: count, task: z.string() }))

/** An episode: where its frames lie. */
export interface LerobotEpisode {
  readonly index: number
  readonly tasks: readonly string[]
  /** Count of frames. */
  readonly length: number
  /** Index of its first frame among all frames of the data set, and the one behind its last. */
  readonly fromIndex: number
  readonly toIndex: number
  /** Numbers of chunk and file of its rows. */
  readonly data: FilePlace
  /** Part of a video file of each camera that is a video, in seconds of the file. */
  readonly videos: Readonly<Record<string, VideoPart>>
}

export interface FilePlace {
  readonly chunk: number
  readonly file: number
}

export interface VideoPart extends FilePlace {
  readonly fromTimestamp: number
  readonly toTimestamp: number
}

/** Row of `meta/episodes` without its `videos/<key>/…`, `stats/<feature>/…` and `meta/episodes/…` columns. */
const episodeColumns = z.looseObject({
  episode_index: wholeNumber,
  tasks: z.array(z.string()),
  length: wholeNumber,
  dataset_from_index: wholeNumber,
  dataset_to_index: wholeNumber,
  'data/chunk_index': wholeNumber,
  'data/file_index': wholeNumber,
})

/** Columns of `meta/episodes` that tell the place of a camera's video. */
export const videoColumns = (camera: string) =>
  ({
    chunk: `videos/${camera}/chunk_index`,
    file: `videos/${camera}/file_index`,
    fromTimestamp: `videos/${camera}/from_timestamp`,
    toTimestamp: `videos/${camera}/to_timestamp`,
  }) as const

/** Schema of the rows of `meta/episodes` of data with these cameras as videos. */
export const episodeRow = (cameras: readonly string[]): z.ZodType<LerobotEpisode> =>
  episodeColumns
    .transform((row) => ({
      index: row.episode_index,
      tasks: row.tasks,
      length: row.length,
      fromIndex: row.dataset_from_index,
      toIndex: row.dataset_to_index,
      data: { chunk: row['data/chunk_index'], file: row['data/file_index'] },
      videos: Object.fromEntries(
        cameras.map((camera) => {
          const columns = Object.entries(videoColumns(camera))
          return [camera, Object.fromEntries(columns.map(([name, column]) => [name, row[column]]))]
        }),
      ),
    }))
    .pipe(
      z.object({
        index: count,
        tasks: z.array(z.string()),
        length: count,
        fromIndex: count,
        toIndex: count,
        data: z.object({ chunk: count, file: count }),
        videos: z.record(
          z.string(),
          z.object({
            chunk: wholeNumber,
            file: wholeNumber,
            fromTimestamp: z.number(),
            toTimestamp: z.number(),
          }),
        ),
      }),
    ) as z.ZodType<LerobotEpisode>

/**
 * Check the content of `meta/info.json`.
 * @param file Its path, for messages.
 * @throws DataError `data/lerobot-version` for version 1, 2.0 or an unknown one; `data/lerobot-layout` for another form.
 */
export function parseInfo(content: unknown, file: string): LerobotInfo {
  const { codebase_version: version }: { codebase_version?: unknown } = Object(content)
  if (version !== undefined && !lerobotVersions.some((known) => known === version))
    throw versionError(file, String(version))
  return parsed(lerobotInfo, content, file)
}

/** Content of a file of a data set by its schema. @throws DataError `data/lerobot-layout` naming the file and the key. */
export function parsed<Schema extends z.ZodType>(
  schema: Schema,
  content: unknown,
  file: string,
  place = '',
): z.output<Schema> {
  const result = schema.safeParse(content)
  if (result.success) return result.data
  throw layoutError(file, `${place}${z.prettifyError(result.error)}`, result.error)
}

/** The error for a file that is not as its version lays down. */
export const layoutError = (file: string, problem: string, cause?: unknown): DataError =>
  new DataError(
    'data/lerobot-layout',
    `${file}: ${problem}. This is no data set as LeRobot writes it`,
    { file },
    { cause },
  )

/** The error for a data set of a version that is not read. */
export function versionError(file: string, version: string): DataError {
  const early = /^v?(1|2\.0)/.test(version)
  const wayOut = early
    ? "convert it with LeRobot's own scripts (lerobot.datasets.v30.convert_dataset_v21_to_v30 takes 2.1)"
    : 'update Visuomotor, or write the data set with a LeRobot of that version'
  return new DataError(
    'data/lerobot-version',
    `${file}: the data set is of version ${version}; versions ${lerobotVersions.join(' and ')} are read: ${wayOut}`,
    { file, version },
  )
}
