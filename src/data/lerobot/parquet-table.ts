import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  type ColumnMetaData,
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  parquetSchema,
} from 'hyparquet'
import { assembleNested } from 'hyparquet/src/assemble.js'
import { readColumn } from 'hyparquet/src/column.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { getTreePath } from 'hyparquet/src/schema.js'
import { readFooter } from '../sources/parquet/footer.ts'
import { layoutError } from './layout.ts'

type Row = Record<string, unknown>

/**
 * Read a small table whole, without leaving the call: a source is opened at once, and its size is in such tables.
 * Columns that the file lacks are left out of the rows.
 * @throws DataError `data/damaged-shard` for a file that is cut short, `data/lerobot-layout` for one that is missing or cannot be
 * decoded.
 */
export function readTable(file: string, columns: readonly string[]): Row[] {
  if (!existsSync(file)) throw layoutError(file, 'it is missing')
  const metadata = readFooter(file)
  try {
    return rowsOf(readFileSync(file), metadata, columns)
  } catch (cause) {
    throw layoutError(file, `it cannot be decoded: ${(cause as Error).message}`, cause)
  }
}

/** Names of the columns of a file. */
export const columnsOf = (file: string): string[] =>
  parquetSchema(readFooter(file)).children.map(({ element }) => element.name)

function rowsOf(bytes: Uint8Array, metadata: FileMetaData, columns: readonly string[]): Row[] {
  const schema = parquetSchema(metadata)
  const rows: Row[] = []
  for (const group of metadata.row_groups) {
    const count = Number(group.num_rows)
    const first = rows.length
    for (let row = 0; row < count; row++) rows.push({})
    for (const child of schema.children) {
      const { name } = child.element
      if (!columns.includes(name)) continue
      const leaves = new Map<string, DecodedArray>()
      for (const { meta_data } of group.columns) {
        if (meta_data?.path_in_schema[0] !== name) continue
        leaves.set(meta_data.path_in_schema.join('.'), leafOf(bytes, metadata, meta_data, count))
      }
      if (child.children.length > 0) assembleNested(leaves, child, DEFAULT_PARSERS)
      const values = leaves.get(name)
      for (let row = 0; row < count; row++) rows[first + row]![name] = values?.[row]
    }
  }
  return rows
}

/** Values of a column of a row group. */
function leafOf(
  bytes: Uint8Array,
  metadata: FileMetaData,
  column: ColumnMetaData,
  count: number,
): DecodedArray {
  const start = Number(column.dictionary_page_offset || column.data_page_offset)
  const part = new Uint8Array(bytes.subarray(start, start + Number(column.total_compressed_size)))
  const schemaPath = getTreePath(parquetSchema(metadata), column.path_in_schema)
  const compressors = compressorsFor(column.codec)
  const decoder = {
    pathInSchema: column.path_in_schema,
    element: schemaPath.at(-1)!.element,
    schemaPath,
    ...column,
    parsers: DEFAULT_PARSERS,
    ...(compressors && { compressors }),
  }
  const reader = { view: new DataView(part.buffer), offset: 0 }
  const { data } = readColumn(
    reader,
    { groupStart: 0, groupRows: count, selectStart: 0, selectEnd: count },
    decoder,
  )
  return data.length === 1 ? data[0]! : data.flatMap((chunk) => Array.from(chunk))
}

/** Decoders of the rarer codecs: many modules, which are loaded for the files that need them. */
function compressorsFor(codec: ColumnMetaData['codec']): Compressors | undefined {
  if (codec === 'UNCOMPRESSED' || codec === 'SNAPPY') return undefined
  const require = createRequire(import.meta.url)
  return (require('hyparquet-compressors') as { compressors: Compressors }).compressors
}
