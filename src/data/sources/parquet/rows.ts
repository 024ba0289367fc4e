import { type FileHandle, open } from 'node:fs/promises'
import { type AsyncBuffer, type FileMetaData, parquetReadObjects, type RowGroup } from 'hyparquet'
import { DataError } from '../../../core/index.ts'
import { readFooter } from './footer.ts'
import { type RowRange, type RowWindow, rowWindows } from './windows.ts'

/** A row of a file, by column. */
export interface ParquetRow {
  readonly number: number
  readonly values: Readonly<Record<string, unknown>>
}

/** Columns to read: the large one in parts, and all small ones a row group at a time. */
export interface WantedColumns {
  readonly image: string
  readonly others: readonly string[]
}

type Values = Record<string, unknown>

/**
 * Read the rows of a file in their order. Some 8 MB of the images are in memory, for any size of a row group. A part
 * that cannot be decoded gives an error for each of its rows.
 * @throws DataError as `readFooter`.
 */
export async function* parquetRows(
  path: string,
  columns: WantedColumns,
  range: RowRange,
): AsyncGenerator<ParquetRow | DataError> {
  const metadata = readFooter(path)
  const handle = await open(path)
  try {
    let start = 0
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows)
      const inGroup = { from: Math.max(0, range.from - start), to: Math.min(rows, range.to - start) }
      if (inGroup.from < inGroup.to) {
        const open: OpenGroup = { file: await bufferOf(handle), metadata, group, columns }
        for await (const [row, found] of groupRows(open, inGroup)) {
          if (found instanceof Error) yield undecodable(path, start + row, found)
          else yield { number: start + row, values: found }
        }
      }
      start += rows
    }
  } finally {
    await handle.close()
  }
}

/** A row group of an open file. */
interface OpenGroup {
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
  readonly group: RowGroup
  readonly columns: WantedColumns
}

/** Rows by their numbers in the group, each with its values or with the reason for their absence. */
async function* groupRows(open: OpenGroup, range: RowRange): AsyncGenerator<[number, Values | Error]> {
  const { file, group, columns } = open
  const said = await orError(() => read(open, columns.others, { ...range, group }))
  const windows = await orError(() => rowWindows(file, group, columns.image, range))
  for (const window of windows instanceof Error ? [{ ...range, group }] : windows) {
    const shown =
      windows instanceof Error ? windows : await orError(() => read(open, [columns.image], window))
    for (let row = window.from; row < window.to; row++) {
      if (said instanceof Error) yield [row, said]
      else if (shown instanceof Error) yield [row, shown]
      else yield [row, { ...said[row - range.from], ...shown[row - window.from] }]
    }
  }
}

async function read(
  { file, metadata }: OpenGroup,
  columns: readonly string[],
  window: RowWindow,
): Promise<Values[]> {
  const { from, to, group, pageLocations } = window
  const { compressors } = await import('hyparquet-compressors') // many modules, for those who read Parquet
  const options = {
    file,
    metadata: { ...metadata, row_groups: [group] },
    columns: [...columns],
    rowStart: from,
    rowEnd: to,
    compressors,
    utf8: false, // bytes that are not marked as text stay bytes
    ...(pageLocations && { pageLocationsByGroup: [pageLocations] }),
  }
  return parquetReadObjects(options)
}

async function orError<T>(attempt: () => Promise<T>): Promise<T | Error> {
  try {
    return await attempt()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat()
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(end - start)
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
      if (bytesRead < bytes.length) throw new Error(`the file ends before byte ${end}`)
      return bytes.buffer
    },
  }
}

function undecodable(path: string, row: number, cause: Error): DataError {
  return new DataError(
    'data/damaged-shard',
    `${path}, row ${row}: cannot be decoded: ${cause.message}. Fetch or write the file again`,
    { file: path, row },
    { cause },
  )
}
