import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type FileMetaData, parquetMetadata } from 'hyparquet'
import { DataError } from '../../../core/index.ts'

/** Bytes of the field for the footer's length and of the mark `PAR1` behind it. */
const endBytes = 8

/** The footer that was read last: a file of many row groups is read a part at a time, and its footer is long. */
let last:
  | {
      readonly path: string
      readonly size: number
      readonly changed: number
      readonly metadata: FileMetaData
    }
  | undefined

/**
 * Read the metadata at the end of a Parquet file.
 * @throws DataError `data/damaged-shard` naming a file that is cut short or is no Parquet file.
 */
export function readFooter(path: string): FileMetaData {
  const file = openSync(path, 'r')
  try {
    const { size, mtimeMs: changed } = fstatSync(file)
    if (last?.path === path && last.size === size && last.changed === changed) return last.metadata
    if (size < endBytes) throw new Error(`it has ${size} bytes`)
    const end = readAt(file, size - endBytes, endBytes)
    if (end.toString('latin1', 4) !== 'PAR1') {
      throw new Error('it does not end as one (PAR1); it is cut short or of another kind')
    }
    const length = end.readUInt32LE(0) + endBytes
    if (length > size) throw new Error('its footer is longer than the file')
    const metadata = parquetMetadata(readAt(file, size - length, length))
    last = { path, size, changed, metadata }
    return metadata
  } catch (cause) {
    throw new DataError(
      'data/damaged-shard',
      `${path}: cannot be read as Parquet: ${(cause as Error).message}. Fetch or write the file again`,
      { file: path },
      { cause },
    )
  } finally {
    closeSync(file)
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  readSync(file, bytes, 0, length, position)
  return bytes
}
