import { isNumberType } from '../data-columns.ts'
import type { LerobotDataset } from '../dataset.ts'
import type { Episode } from '../episode.ts'
import { frameColumns, type LerobotInfo } from '../layout.ts'
import { readTable } from '../parquet-table.ts'

/** Numbers of an episode, frame by frame. */
export interface EpisodeSeries {
  readonly episode: Episode
  /** Seconds of each frame. */
  readonly timestamps: Float64Array
  readonly taskIndices: Float64Array
  /** Values of each feature of numbers, [frames, width]. */
  readonly values: Readonly<Record<string, Float64Array>>
}

/** One number of a feature, with its name for people: `action[2]`, or `action gripper` where the data names it. */
export interface ValueName {
  readonly feature: string
  readonly at: number
  readonly width: number
  readonly title: string
}

/** Features of numbers that a robot brings: those that are not in every data set. */
export const numberFeatures = ({ features }: LerobotInfo): string[] =>
  Object.entries(features)
    .filter(([name, { dtype }]) => isNumberType(dtype) && !Object.hasOwn(frameColumns, name))
    .map(([name]) => name)

/** All numbers of the features, with their names. */
export const valueNames = (info: LerobotInfo): ValueName[] =>
  numberFeatures(info).flatMap((feature) => {
    const { shape, names } = info.features[feature]!
    const width = shape.reduce((product, side) => product * side, 1)
    const own = Array.isArray(names) && names.length === width ? names : undefined
    return Array.from({ length: width }, (_, at) => {
      const title = own ? `${feature} ${own[at]}` : width === 1 ? feature : `${feature}[${at}]`
      return { feature, at, width, title }
    })
  })

/**
 * Read the numbers of all episodes, file by file.
 * @throws DataError for a file that is missing or damaged.
 */
export function readSeries({ info, episodes }: LerobotDataset): EpisodeSeries[] {
  const features = numberFeatures(info)
  const columns = ['timestamp', 'task_index', ...features]
  let open: { file: string; rows: Record<string, unknown>[] } | undefined
  return episodes.map((episode) => {
    const { file, row } = episode.data
    if (open?.file !== file) open = { file, rows: readTable(file, columns) }
    const rows = open.rows.slice(row, row + episode.length)
    const numbers = (name: string) => Float64Array.from(rows.flatMap((own) => flat(own[name])))
    return {
      episode,
      timestamps: numbers('timestamp'),
      taskIndices: numbers('task_index'),
      values: Object.fromEntries(features.map((name) => [name, numbers(name)])),
    }
  })
}

const flat = (value: unknown): number[] =>
  typeof value === 'object' && value !== null && Symbol.iterator in value
    ? Array.from(value as Iterable<unknown>).flatMap(flat)
    : [value === null || value === undefined ? Number.NaN : Number(value)]

/** One number of a feature over the frames of an episode. */
export const valuesOf = ({ values }: EpisodeSeries, { feature, at, width }: ValueName): Float64Array => {
  const all = values[feature] ?? new Float64Array()
  return Float64Array.from({ length: all.length / width }, (_, frame) => all[frame * width + at]!)
}
