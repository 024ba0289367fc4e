import { CsvError, type Info, parse } from 'csv-parse/sync'
import { DataError } from '../../core/index.ts'
import { badRow, type CaptionRow, captionRow } from './caption-row.ts'
import type { LabelKinds } from './label-values.ts'

interface CsvRecord {
  readonly record: readonly string[]
  readonly raw: string
  readonly info: Info
}

/**
 * The rows of a CSV text whose header names the columns `file` and `caption`; columns of labels hold numbers between
 * spaces, other columns are ignored. `path` is for messages.
 *
 * @throws DataError when a column is missing, or a quotation mark has no partner: no row after it can be trusted.
 */
export function parseCaptionsCsv(
  text: string,
  path: string,
  labels: LabelKinds = {},
): (CaptionRow | DataError)[] {
  const [header, ...records] = parseRecords(text, path)
  const names = header?.record.map((name) => name.trim()) ?? []
  for (const name of ['file', 'caption', ...Object.keys(labels)]) requireColumn(name, names, path)
  return records.map(({ record, raw, info }) => {
    const origin = { file: path, line: firstLine(raw, info) }
    if (record.length === names.length) {
      const values = Object.fromEntries(names.map((name, column) => [name, record[column]!]))
      return captionRow({ file: values.file!, captions: [values.caption!], values }, origin, labels)
    }
    const problem = `${record.length} fields, where the header has ${names.length}; a comma belongs in "quotes"`
    return badRow('data/malformed-row', origin, problem)
  })
}

function parseRecords(text: string, path: string): CsvRecord[] {
  try {
    return parse(text, {
      bom: true,
      info: true,
      raw: true,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as CsvRecord[]
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    const line = Number(cause.lines)
    throw new DataError(
      'data/malformed-csv',
      `${path}:${line}: ${cause.message}. Close the quotation mark, and write a mark inside quotes twice: ""`,
      { file: path, line },
      { cause },
    )
  }
}

function requireColumn(name: string, names: readonly string[], path: string): void {
  if (names.includes(name)) return
  throw new DataError(
    'data/missing-column',
    `${path}:1: no column "${name}" among ${names.map((found) => `"${found}"`).join(', ') || 'none'}. ` +
      'The first line names the columns; it must have file, caption and those of labels',
    { file: path, line: 1, column: name, columns: names },
  )
}

/** First line of a record. The parser gives its last line, and a quoted caption may span lines. */
const firstLine = (raw: string, info: Info): number => info.lines - (raw.trim().split('\n').length - 1)
