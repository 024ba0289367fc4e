import { asyncBufferFromFile, type FileMetaData, parquetReadObjects, type RowGroup } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { DataError } from '../../../core/index.ts'
import { readFooter } from './footer.ts'

/** A row of a file, by column. */
export interface ParquetRow {
  readonly number: number
  readonly values: Readonly<Record<string, unknown>>
}

/** Rows [from, to) of a file. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

/** Uncompressed bytes that are decoded at once where the file allows to read parts of a row group. */
const windowBytes = 8 * 1024 ** 2

/**
 * The rows of a file in their order, those of a row group at a time, or less where the file has a page index. A part
 * that cannot be decoded gives an error for each of its rows.
 * @throws DataError as `readFooter`.
 */
export async function* parquetRows(
  path: string,
  columns: readonly string[],
  range: RowRange,
): AsyncGenerator<ParquetRow | DataError> {
  const metadata = readFooter(path)
  const file = await asyncBufferFromFile(path)
  for (const { from, to } of windowsOf(metadata, columns, range)) {
    let rows: Record<string, unknown>[] | DataError
    try {
      rows = await parquetReadObjects({
        file,
        metadata,
        columns: [...columns],
        rowStart: from,
        rowEnd: to,
        compressors,
        utf8: false, // bytes that are not marked as text stay bytes
        useOffsetIndex: true,
      })
    } catch (cause) {
      for (let row = from; row < to; row++) yield undecodable(path, row, cause)
      continue
    }
    for (const [index, values] of rows.entries()) yield { number: from + index, values }
  }
}

/** What is read at once, in order. */
function* windowsOf(
  metadata: FileMetaData,
  columns: readonly string[],
  range: RowRange,
): Generator<RowRange> {
  let start = 0
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows)
    const step = rowsAtOnce(group, columns)
    const last = Math.min(end, range.to)
    for (let from = Math.max(start, range.from); from < last; from += step) {
      yield { from, to: Math.min(from + step, last) }
    }
    start = end
  }
}

function rowsAtOnce({ columns, num_rows }: RowGroup, wanted: readonly string[]): number {
  const chunks = columns.filter(({ meta_data }) => wanted.includes(meta_data?.path_in_schema[0] ?? ''))
  const rows = Number(num_rows)
  if (!chunks.every(({ offset_index_offset }) => offset_index_offset !== undefined)) return rows
  const bytes = chunks.reduce(
    (sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0),
    0,
  )
  return Math.max(1, Math.floor((rows * windowBytes) / Math.max(bytes, windowBytes)))
}

function undecodable(path: string, row: number, cause: unknown): DataError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new DataError(
    'data/damaged-shard',
    `${path}, row ${row}: cannot be decoded: ${reason}. ` +
      'Fetch or write the file again, or leave such rows out with --on-bad-sample skip',
    { file: path, row },
    { cause },
  )
}
