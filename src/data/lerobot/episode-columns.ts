import type { SchemaElement } from 'hyparquet'
import type { ColumnSource } from 'hyparquet-writer'
import { listElements, textElement } from './data-columns.ts'
import { type FilePlace, type LerobotEpisode, videoColumns } from './layout.ts'
import type { ParquetLayout } from './parquet-append.ts'
import { type RecordedStatistics, statisticNames } from './recorded-statistics.ts'

/** Row of `meta/episodes`: the episode, its statistics, and the file that the row stands in. */
export interface EpisodeRow {
  readonly episode: LerobotEpisode
  /** Statistics by feature. */
  readonly statistics: Readonly<Record<string, RecordedStatistics>>
  readonly meta: FilePlace
}

/** Features by the way their statistics are stored: of pictures each is [3, 1, 1]. */
export interface StatisticShapes {
  readonly videos: readonly string[]
  /** Features with statistics, and the test for pictures among them. */
  readonly features: readonly { readonly name: string; readonly isPicture: boolean }[]
}

const whole = (name: string): SchemaElement => ({ name, type: 'INT64', repetition_type: 'OPTIONAL' })
const real = (name: string): SchemaElement => ({ name, type: 'DOUBLE', repetition_type: 'OPTIONAL' })

/** Layout of `meta/episodes`, its columns in LeRobot's order. */
export function episodeLayout({ videos, features }: StatisticShapes): ParquetLayout {
  const columns = [
    [whole('episode_index')],
    listElements('tasks', textElement('element')),
    ...['length', 'data/chunk_index', 'data/file_index', 'dataset_from_index', 'dataset_to_index'].map(
      (name) => [whole(name)],
    ),
    ...videos.flatMap((video) => {
      const { chunk, file, fromTimestamp, toTimestamp } = videoColumns(video)
      return [[whole(chunk)], [whole(file)], [real(fromTimestamp)], [real(toTimestamp)]]
    }),
    ...features.flatMap(({ name, isPicture }) => [
      ...statisticNames.map((statistic) => statisticElements(`stats/${name}/${statistic}`, isPicture)),
      listElements(`stats/${name}/count`, whole('element')),
    ]),
    [whole('meta/episodes/chunk_index')],
    [whole('meta/episodes/file_index')],
  ]
  return { schema: [{ name: 'schema', num_children: columns.length }, ...columns.flat()], metadata: [] }
}

function statisticElements(name: string, isPicture: boolean): SchemaElement[] {
  const vector = (own: string, ...elements: SchemaElement[]) => listElements(own, ...elements)
  if (!isPicture) return vector(name, real('element'))
  return vector(name, ...vector('element', ...vector('element', real('element'))))
}

/** Columns of `meta/episodes` for some rows. */
export function episodeColumns(rows: readonly EpisodeRow[], shapes: StatisticShapes): ColumnSource[] {
  const column = (name: string, value: (row: EpisodeRow) => unknown): ColumnSource => ({
    name,
    data: rows.map(value),
  })
  const places = (prefix: string, place: (row: EpisodeRow) => FilePlace | undefined) => [
    column(`${prefix}/chunk_index`, (row) => BigInt(place(row)?.chunk ?? 0)),
    column(`${prefix}/file_index`, (row) => BigInt(place(row)?.file ?? 0)),
  ]
  return [
    column('episode_index', ({ episode }) => BigInt(episode.index)),
    column('tasks', ({ episode }) => [...episode.tasks]),
    column('length', ({ episode }) => BigInt(episode.length)),
    ...places('data', ({ episode }) => episode.data),
    column('dataset_from_index', ({ episode }) => BigInt(episode.fromIndex)),
    column('dataset_to_index', ({ episode }) => BigInt(episode.toIndex)),
    ...shapes.videos.flatMap((video) => [
      ...places(`videos/${video}`, ({ episode }) => episode.videos[video]),
      column(videoColumns(video).fromTimestamp, ({ episode }) => episode.videos[video]?.fromTimestamp),
      column(videoColumns(video).toTimestamp, ({ episode }) => episode.videos[video]?.toTimestamp),
    ]),
    ...shapes.features.flatMap(({ name, isPicture }) => [
      ...statisticNames.map((statistic) =>
        column(`stats/${name}/${statistic}`, ({ statistics }) =>
          statisticValue(statistics[name]?.[statistic] ?? [], isPicture),
        ),
      ),
      column(`stats/${name}/count`, ({ statistics }) => [BigInt(statistics[name]?.count ?? 0)]),
    ]),
    ...places('meta/episodes', ({ meta }) => meta),
  ]
}

/** A statistic as it is stored: of pictures [channels, 1, 1]. */
export const statisticValue = (values: readonly number[], isPicture: boolean): unknown[] =>
  isPicture ? values.map((value) => [[value]]) : [...values]
