import { parquetSchema } from 'hyparquet'
import { DataError, didYouMean } from '../../../core/index.ts'
import type { Source } from '../../source.ts'
import { shareName } from '../composition/share.ts'
import type { LabelKinds } from '../label-values.ts'
import { asDataError, deliver, type Found } from '../pass.ts'
import { listShards, shardNames } from '../shards.ts'
import { readFooter } from './footer.ts'
import { type ParquetColumns, rowSample } from './row-sample.ts'
import { parquetRows } from './rows.ts'
import type { RowRange } from './windows.ts'

/** Options of `parquet`. */
export interface ParquetOptions {
  /** Column of images: bytes, a path, or a struct of `bytes` and `path`, as Hugging Face writes. Default `image`. */
  readonly image?: string
  /** The column or columns of captions: text or a list of texts. Default `caption`. */
  readonly caption?: string | readonly string[]
  /** Directory where paths of images begin; default: the folder of the file that names them. */
  readonly directory?: string
  /** Columns that hold labels, by name, with their kinds. Default: none. */
  readonly labels?: LabelKinds
}

/** A file whose footer was read. */
interface Shard {
  readonly path: string
  /** Name of the file in ids. */
  readonly name: string
  readonly rows: RowRange
}

/**
 * Image–text pairs in Parquet files, one row a sample, as Hugging Face stores data sets.
 *
 * `pattern` names files with `train-{00000..00009}.parquet`, `train-*.parquet` and so on. Samples come in the order of
 * files and rows; an id is `file/row`. Images are read by some 8 MB, so memory does not grow with the data; a pass
 * begins at any row without reading earlier rows.
 *
 * @throws DataError when a file is missing, cut short or lacks a column, at once; during a pass, unless `onBad` takes
 * it, for a row without image or caption, with an image that is empty or whose file cannot be read, with a label that
 * is no list of numbers, and for every row that cannot be decoded.
 */
export function parquet(pattern: string, options: ParquetOptions = {}): Source {
  const { image = 'image', caption = 'caption', directory, labels = {} } = options
  const captions = typeof caption === 'string' ? [caption] : caption
  const columns = { image, captions, labels, directory }
  return {
    ...overShards(`parquet(${pattern})`, openShards(pattern, namesOf(columns)), columns),
    spec: { kind: 'parquet', files: pattern, ...options },
  }
}

function overShards(name: string, shards: readonly Shard[], columns: ParquetColumns): Source {
  const size = shards.reduce((sum, { rows }) => sum + rows.to - rows.from, 0)
  return {
    name,
    size,
    ...(Object.keys(columns.labels).length > 0 && { labels: columns.labels }),
    samples: ({ skip = 0, onBad } = {}) => deliver(foundIn(between(shards, skip, size), columns), onBad),
    share(member) {
      const border = (rank: number) => Math.floor((size * rank) / member.size)
      const own = between(shards, border(member.rank), border(member.rank + 1))
      return overShards(shareName(name, member), own, columns)
    },
  }
}

/** Select a range of rows, from one index to another, among all rows of the shards. */
function between(shards: readonly Shard[], from: number, to: number): Shard[] {
  let first = 0
  return shards.flatMap((shard) => {
    const start = shard.rows.from + Math.max(0, from - first)
    const end = Math.min(shard.rows.to, shard.rows.from + to - first)
    first += shard.rows.to - shard.rows.from
    return start < end ? [{ ...shard, rows: { from: start, to: end } }] : []
  })
}

const namesOf = ({ image, captions, labels }: ParquetColumns): string[] => [
  ...new Set([image, ...captions, ...Object.keys(labels)]),
]

async function* foundIn(shards: readonly Shard[], columns: ParquetColumns): AsyncGenerator<Found> {
  const { image } = columns
  const wanted = { image, others: namesOf(columns).filter((name) => name !== image) }
  for (const { path, name, rows } of shards) {
    for await (const row of parquetRows(path, wanted, rows)) {
      if (row instanceof DataError) yield row
      else yield await rowSample(row, { file: path, id: `${name}/${row.number}` }, columns).catch(asDataError)
    }
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
    return { path, name: names[index]!, rows: { from: 0, to: Number(metadata.num_rows) } }
  })
}

function missingColumn(file: string, column: string, columns: readonly string[]): DataError {
  const hint = didYouMean(column, columns) || '; there are none'
  return new DataError('data/missing-column', `${file}: no column "${column}"${hint}`, {
    file,
    column,
    columns,
  })
}
