import type { AsyncBuffer, ColumnMetaData, PageHeader } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'

/** A page of values in a column of a row group. */
export interface DataPage {
  readonly offset: number
  /** Count of rows before it in its row group. */
  readonly firstRow: number
  /** Bytes of header and values, as they are in the file. */
  readonly storedBytes: number
  readonly unpackedBytes: number
  /** Flag: the values are indices of entries in the dictionary of the column. */
  readonly usesDictionary: boolean
}

/** Bytes to read for a header; the larger count if it does not fit. */
const headerBytes = { usual: 4096, most: 1024 ** 2 }

/**
 * Find the pages of a column that is no list, from header to header, since files with an index of their pages are rare.
 * @throws Error when the headers do not make sense.
 */
export async function dataPages(
  file: AsyncBuffer,
  column: ColumnMetaData,
  rowCount: number,
): Promise<DataPage[]> {
  const pages: DataPage[] = []
  let offset = Number(column.dictionary_page_offset || column.data_page_offset)
  const end = offset + Number(column.total_compressed_size)
  let firstRow = 0
  while (firstRow < rowCount) {
    const { header, length } = await readHeader(file, offset, end)
    const storedBytes = length + header.compressed_page_size
    const { num_values: rows = 0, encoding = 'PLAIN' } =
      header.data_page_header ?? header.data_page_header_v2 ?? {}
    if (rows > 0) {
      const usesDictionary = encoding.endsWith('DICTIONARY')
      pages.push({
        offset,
        firstRow,
        storedBytes,
        unpackedBytes: header.uncompressed_page_size,
        usesDictionary,
      })
    }
    firstRow += rows
    offset += storedBytes
  }
  return pages
}

async function readHeader(
  file: AsyncBuffer,
  offset: number,
  end: number,
): Promise<{ header: PageHeader; length: number }> {
  for (let bytes = headerBytes.usual; ; bytes *= 16) {
    const stop = Math.min(offset + bytes, end)
    const reader = { view: new DataView(await file.slice(offset, stop)), offset: 0 }
    try {
      const header = parquetHeader(reader)
      if (!(header.compressed_page_size >= 0)) throw new Error(`there is no page at byte ${offset}`)
      return { header, length: reader.offset }
    } catch (error) {
      // Statistics of large values make a header long, and hyparquet tells of its end in several ways.
      const mayBeLonger = stop < end && bytes < headerBytes.most
      if (!mayBeLonger) throw error
    }
  }
}
