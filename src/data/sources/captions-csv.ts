import { DataError, excerpt, nearestName } from '../../core/index.ts'
import { badRow, type CaptionColumns, type CaptionRow, captionRow } from './caption-row.ts'
import { type CsvRecord, csvRecords, withLineFeeds } from './csv-records.ts'

/** Separators of the fields of a record, in the order in which they are tried. */
const delimiters = { ',': 'a comma', ';': 'a semicolon', '\t': 'a tab' } as const
type Delimiter = keyof typeof delimiters

/** A table of captions: its header and its other records. */
export interface CaptionsTable {
  readonly delimiter: Delimiter
  /** Names of the columns, without white space around them. */
  readonly names: readonly string[]
  readonly header: CsvRecord | undefined
  readonly records: Iterable<CsvRecord>
}

/**
 * Rows of a CSV text. Its header names the columns: see `CaptionColumns`. Columns of labels hold numbers between spaces,
 * other columns are ignored. Fields are separated by commas, semicolons or tabs: by what finds the columns in the header.
 * Several columns of captions, be they of one name, are several captions of one image. `path` is for messages.
 *
 * @throws DataError when a column is missing or could be one of two, or a quotation mark has no partner: no row after it
 * can be trusted.
 */
export function* parseCaptionsCsv(
  text: string,
  path: string,
  columns: CaptionColumns,
): Generator<CaptionRow | DataError> {
  const { delimiter, names, records } = openCaptionsCsv(text, path, columns)
  const captions = names.flatMap((name, column) => (columns.captions.includes(name) ? [column] : []))
  for (const { fields, line, problem } of records) {
    const origin = { file: path, line }
    const wrong = problem ?? wrongCount(fields, names, delimiter)
    if (wrong !== undefined) yield badRow('data/malformed-row', origin, wrong)
    else {
      const values = Object.fromEntries(names.map((name, column) => [name, fields[column]]))
      const said = captions.map((column) => fields[column])
      yield captionRow({ file: String(values[columns.image]), captions: said, values }, origin, columns)
    }
  }
}

/**
 * Open a CSV text of captions.
 * @throws DataError as {@link parseCaptionsCsv}.
 */
export function openCaptionsCsv(text: string, path: string, columns: CaptionColumns): CaptionsTable {
  const content = withLineFeeds(text)
  const tables = (Object.keys(delimiters) as Delimiter[]).map((delimiter): CaptionsTable => {
    const records = csvRecords(content, delimiter, path)
    const header = records.next().value as CsvRecord | undefined
    return { delimiter, header, names: header?.fields.map((name) => name.trim()) ?? [], records }
  })
  const fitting = tables.find(({ names }) => missingColumn(names, columns) === undefined)
  if (fitting === undefined) throw missing(widest(tables).names, columns, path)
  const double = [columns.image, ...Object.keys(columns.labels)].find((name) => isTwice(name, fitting.names))
  if (double === undefined) return fitting
  throw new DataError(
    'data/repeated-column',
    `${path}:1: two columns have the name "${double}", and either could be meant. Rename one of them`,
    { file: path, line: 1, column: double, columns: fitting.names },
  )
}

function wrongCount(fields: readonly string[], names: readonly string[], delimiter: Delimiter) {
  if (fields.length === names.length) return undefined
  const marked = `${delimiters[delimiter]} belongs in "quotes"`
  return `${fields.length} fields, where the header has ${names.length}; ${marked}`
}

const isTwice = (name: string, names: readonly string[]): boolean =>
  names.indexOf(name) !== names.lastIndexOf(name)

const widest = (tables: readonly CaptionsTable[]): CaptionsTable =>
  tables.reduce((best, table) => (table.names.length > best.names.length ? table : best))

/** First column that is needed and not there. */
function missingColumn(names: readonly string[], { image, captions, labels }: CaptionColumns) {
  if (!names.includes(image)) return image
  if (!captions.some((name) => names.includes(name))) return captions[0]
  return Object.keys(labels).find((name) => !names.includes(name))
}

function missing(names: readonly string[], columns: CaptionColumns, path: string): DataError {
  const column = missingColumn(names, columns)!
  const nearest = nearestName(column, names)
  const hint = nearest === undefined ? '' : `; did you mean '${excerpt(nearest)}'?`
  const there = excerpt(names.map((found) => `"${found}"`).join(', ') || 'none', 300)
  return new DataError(
    'data/missing-column',
    `${path}:1: no column "${column}" among ${there}${hint || '.'} The first line names the columns: file, caption and ` +
      'those of labels; name others with image=COLUMN and caption=COLUMN (folder:photos?captions=captions.csv&image=name)',
    { file: path, line: 1, column, columns: names },
  )
}
