import { parquetSchema } from 'hyparquet'
import { DataError, nearestName } from '../../../core/index.ts'
import type { Source } from '../../source.ts'
import type { LabelKinds } from '../label-values.ts'
import { asDataError, deliver, type Found } from '../pass.ts'
import { listShards, shardNames } from '../shards.ts'
import { readFooter } from './footer.ts'
import { type ParquetColumns, rowSample } from './row-sample.ts'
import { parquetRows } from './rows.ts'

/** Options of `parquet`. */
export interface ParquetOptions {
  /** The column of images: bytes, a path, or a struct of `bytes` and `path`, as Hugging Face writes. Default `image`. */
  readonly image?: string
  /** The column or columns of captions: text or a list of texts. Default `caption`. */
  readonly caption?: string | readonly string[]
  /** Where paths of images begin; default: the folder of the file that names them. */
  readonly directory?: string
  /** Columns that hold labels, by name, and what their numbers mean. Default: none. */
  readonly labels?: LabelKinds
}

/** A file that was looked into. */
interface Shard {
  readonly path: string
  /** The file in ids. */
  readonly name: string
  readonly rows: number
}

/**
 * Image–text pairs in Parquet files, one row a sample, as Hugging Face stores data sets.
 *
 * `pattern` names files with `train-{00000..00009}.parquet`, `train-*.parquet` and so on. Samples come in the order of
 * files and rows; an id is `file/row`. Read by row groups, or by less where files have a page index, so memory does not
 * grow with the data; a pass begins at any row without reading those before it.
 *
 * @throws DataError when a file is missing, cut short or lacks a column, at once; during a pass, unless `onBad` takes
 * it, for a row without image or caption, with an image that is empty or whose file cannot be read, with a label that
 * is no list of numbers, and for every row that cannot be decoded.
 */
export function parquet(pattern: string, options: ParquetOptions = {}): Source {
  const { image = 'image', caption = 'caption', directory, labels = {} } = options
  const captions = typeof caption === 'string' ? [caption] : caption
  const columns = { image, captions, labels, directory }
  const shards = openShards(pattern, namesOf(columns))
  return {
    name: `parquet(${pattern})`,
    spec: { source: 'parquet', files: pattern, ...options },
    size: shards.reduce((sum, { rows }) => sum + rows, 0),
    ...(options.labels && { labels }),
    samples: ({ skip = 0, onBad } = {}) => deliver(foundIn(shards, columns, skip), onBad),
  }
}

const namesOf = ({ image, captions, labels }: ParquetColumns): string[] => [
  ...new Set([image, ...captions, ...Object.keys(labels)]),
]

async function* foundIn(
  shards: readonly Shard[],
  columns: ParquetColumns,
  skip: number,
): AsyncGenerator<Found> {
  let from = skip
  for (const { path, name, rows } of shards) {
    for await (const row of from < rows ? parquetRows(path, namesOf(columns), { from, to: rows }) : []) {
      if (row instanceof DataError) yield row
      else yield await rowSample(row, { file: path, id: `${name}/${row.number}` }, columns).catch(asDataError)
    }
    from = Math.max(0, from - rows)
  }
}

function openShards(pattern: string, columns: readonly string[]): Shard[] {
  const paths = listShards(pattern)
  const names = shardNames(pattern, paths)
  return paths.map((path, index) => {
    const metadata = readFooter(path)
    const present = parquetSchema(metadata).children.map(({ element }) => element.name)
    const missing = columns.find((column) => !present.includes(column))
    if (missing !== undefined) throw missingColumn(path, missing, present)
    return { path, name: names[index]!, rows: Number(metadata.num_rows) }
  })
}

function missingColumn(file: string, column: string, columns: readonly string[]): DataError {
  const nearest = nearestName(column, columns)
  const hint = nearest === undefined ? '' : `; did you mean "${nearest}"?`
  return new DataError(
    'data/missing-column',
    `${file}: no column "${column}" among ${columns.map((name) => `"${name}"`).join(', ') || 'none'}${hint}`,
    { file, column, columns },
  )
}
