import type { AsyncBuffer, ColumnChunk, RowGroup } from 'hyparquet'
import { type DataPage, dataPages } from './pages.ts'

/** Rows [from, to) of a file or a row group. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

/** Rows of a row group that are decoded at once, from some of its pages where fewer than all are enough. */
export interface RowWindow extends RowRange {
  readonly group: RowGroup
  /** Locations of pages by the path of the column, in the form of hyparquet. */
  readonly pageLocations?: Readonly<Record<string, PageLocation[]>>
}

interface PageLocation {
  readonly offset: bigint
  readonly compressed_page_size: number
  readonly first_row_index: bigint
}

/** Bytes of a column that are decoded at once, if its pages are not larger. */
const windowBytes = 8 * 1024 ** 2

/** Divide a range of rows into windows: one, unless the column is large and no list. */
export async function rowWindows(
  file: AsyncBuffer,
  group: RowGroup,
  column: string,
  range: RowRange,
): Promise<RowWindow[]> {
  const chunks = group.columns.filter(({ meta_data }) => meta_data?.path_in_schema[0] === column)
  const bytes = chunks.map(({ meta_data }) => Number(meta_data?.total_uncompressed_size ?? 0))
  const rows = Number(group.num_rows)
  const isSmall = Math.max(...bytes) <= windowBytes
  const isFlat = chunks.every(({ meta_data }) => Number(meta_data?.num_values) === rows)
  if (isSmall || !isFlat) return [{ ...range, group }]
  const pages = new Map<ColumnChunk, DataPage[]>()
  for (const chunk of chunks) pages.set(chunk, await dataPages(file, chunk.meta_data!, rows))
  const largest = chunks[bytes.indexOf(Math.max(...bytes))]!
  const locations = [...pages].map(
    ([{ meta_data }, own]) => [meta_data!.path_in_schema.join('.'), own.map(locationOf)] as const,
  )
  const pageLocations = Object.fromEntries(locations)
  return bordersOf(pages.get(largest)!, range).map((window) => ({
    ...window,
    group: groupWithout(window, group, pages),
    pageLocations,
  }))
}

/** Ranges of rows that begin with pages and hold no more than `windowBytes`, or one page. */
function bordersOf(pages: readonly DataPage[], range: RowRange): RowRange[] {
  const starts: number[] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const { firstRow, unpackedBytes } of pages) {
    bytes += unpackedBytes
    if (bytes <= windowBytes) continue
    starts.push(firstRow)
    bytes = unpackedBytes
  }
  return starts.flatMap((start, index) => {
    const from = Math.max(start, range.from)
    const to = Math.min(starts[index + 1] ?? range.to, range.to)
    return from < to ? [{ from, to }] : []
  })
}

/** Row group whose metadata name no dictionary for columns whose pages need none. */
function groupWithout(
  range: RowRange,
  group: RowGroup,
  pages: ReadonlyMap<ColumnChunk, DataPage[]>,
): RowGroup {
  const columns = group.columns.map((chunk) => {
    const own = pages.get(chunk)
    return own && !needsDictionary(own, range) ? withoutDictionary(chunk, own) : chunk
  })
  return { ...group, columns }
}

const locationOf = ({ offset, storedBytes, firstRow }: DataPage): PageLocation => ({
  offset: BigInt(offset),
  compressed_page_size: storedBytes,
  first_row_index: BigInt(firstRow),
})

const needsDictionary = (pages: readonly DataPage[], { from, to }: RowRange): boolean =>
  pages.some(
    ({ usesDictionary, firstRow }, index) =>
      usesDictionary && firstRow < to && (pages[index + 1]?.firstRow ?? Number.POSITIVE_INFINITY) > from,
  )

/**
 * Metadata without a dictionary. Writers begin with a dictionary of the first images, hundreds of megabytes; most pages
 * do without it.
 */
function withoutDictionary(chunk: ColumnChunk, pages: readonly DataPage[]): ColumnChunk {
  const { dictionary_page_offset: _, ...meta } = chunk.meta_data!
  return { ...chunk, meta_data: { ...meta, data_page_offset: BigInt(pages[0]!.offset) } }
}
