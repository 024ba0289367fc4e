import type { KeyValue, RowGroup, SchemaElement } from 'hyparquet'
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'
import { replaceTailAtomic, writeFileAtomic } from '../../core/index.ts'
import { readFooter } from '../sources/parquet/footer.ts'

/** Columns of a Parquet file: their schema, and what stands in the footer beside it. */
export interface ParquetLayout {
  readonly schema: readonly SchemaElement[]
  readonly metadata: readonly KeyValue[]
}

/** Mark at both ends of a Parquet file, `PAR1`. */
const markBytes = 4

/**
 * Write a Parquet file that holds the first `kept` row groups of the one at `path`, byte for byte, and one more; a
 * reader sees the old file or the new one, never a part.
 * @param columns The new row group; all columns have the same length.
 * @param kept Count of row groups to keep; 0 writes a new file.
 * @throws DataError as `readFooter` for a file that is kept; FileError as `writeFileAtomic`.
 */
export function appendRowGroup(
  path: string,
  layout: ParquetLayout,
  columns: readonly ColumnSource[],
  kept: number,
): void {
  const groups = kept === 0 ? [] : readFooter(path).row_groups.slice(0, kept)
  const { start, tail } = encodeTail(layout, columns, groups)
  if (kept === 0) writeFileAtomic(path, [Buffer.from('PAR1'), tail])
  else replaceTailAtomic(path, start, tail)
}

/**
 * Cut a Parquet file behind its first `kept` row groups.
 * @throws as {@link appendRowGroup}.
 */
export function keepRowGroups(path: string, kept: number): void {
  const { row_groups, schema, key_value_metadata: metadata = [] } = readFooter(path)
  const { start, tail } = encodeTail({ schema, metadata }, [], row_groups.slice(0, kept))
  replaceTailAtomic(path, start, tail)
}

/** End of a file behind its earlier row groups: one more of `columns`, if there are any, and the footer of all. */
function encodeTail(
  { schema, metadata }: ParquetLayout,
  columns: readonly ColumnSource[],
  earlier: readonly RowGroup[],
): { start: number; tail: Uint8Array } {
  const writer = new ByteWriter(1 << 16)
  const parquet = new ParquetWriter({
    writer,
    schema: [...schema],
    kvMetadata: [...metadata],
    createdBy: 'visuomotor',
  })
  const start = Math.max(markBytes, ...earlier.map(endOf))
  writer.offset = start // so far it holds the mark, which is in the file
  parquet.row_groups.push(...earlier.map(withoutIndexes))
  parquet.num_rows = earlier.reduce((sum, { num_rows }) => sum + num_rows, 0n)
  const [first] = columns
  if (first) {
    const columnData = columns.map((column) => ({ offsetIndex: false, ...column }))
    parquet.write({ columnData, rowGroupSize: first.data.length })
  }
  parquet.finish()
  return { start, tail: writer.getBytes().subarray(markBytes) }
}

/** First byte behind a row group. */
const endOf = ({ columns }: RowGroup): number =>
  columns.reduce((end, { meta_data }) => {
    if (meta_data === undefined) return end
    const { dictionary_page_offset, data_page_offset, total_compressed_size } = meta_data
    return Math.max(end, Number((dictionary_page_offset || data_page_offset) + total_compressed_size))
  }, 0)

/** A row group without the places of its indexes, which stood behind all groups and are not kept. */
const withoutIndexes = (group: RowGroup): RowGroup => ({
  ...group,
  columns: group.columns.map(({ meta_data, file_offset }) => ({
    file_offset,
    ...(meta_data && { meta_data }),
  })),
})
