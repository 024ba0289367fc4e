import { DataError } from '../../core/index.ts'

/** One record of a CSV text. */
export interface CsvRecord {
  readonly fields: readonly string[]
  /** First line of the record, from 1. */
  readonly line: number
  /** The record as it was written, without its line end. */
  readonly raw: string
  /** Description of marks that may be meant in two ways; `fields` cannot be trusted then. */
  readonly problem?: string
}

/** A field and the place behind it. */
interface Field {
  readonly value: string
  readonly end: number
  readonly problem?: string
}

const mark = '"'

/** A text whose lines end with LF and not with CR LF or CR. */
export const withLineFeeds = (text: string): string => text.replace(/\r\n?/g, '\n')

/**
 * Read the records of a CSV text (RFC 4180) whose lines end with LF: see {@link withLineFeeds}. Blank lines are no records. A quotation mark
 * within a field that does not begin with one stands for itself (`a 5" disk`), and so do the marks of `"Tom" the cat`.
 * Where marks within quotes are not doubled (`"say "hi" now"`), the record has a `problem`.
 * @param path Name of the file, for messages.
 * @throws DataError `data/malformed-csv` at a mark without a partner: no record after it can be trusted.
 */
export function* csvRecords(text: string, delimiter: string, path: string): Generator<CsvRecord> {
  const reader = new FieldReader(text, delimiter, path)
  let line = 1
  for (let start = 0; start < text.length; ) {
    const { fields, end, problem } = readRecord(reader, start, line)
    const raw = text.slice(start, end)
    if (raw.trim() !== '') yield { fields, line, raw, ...(problem !== undefined && { problem }) }
    line += countLineEnds(raw) + 1
    start = end + 1
  }
}

function readRecord(reader: FieldReader, start: number, line: number) {
  const fields: string[] = []
  let problem: string | undefined
  let field = reader.read(start, line)
  for (; ; field = reader.read(field.end + 1, line)) {
    fields.push(field.value)
    problem ??= field.problem
    if (!reader.isDelimiter(field.end)) return { fields, end: field.end, problem }
  }
}

/** Reader of one field at a place of a text whose lines end with LF. */
class FieldReader {
  readonly #text: string
  readonly #delimiter: string
  readonly #path: string
  /** Pattern of a field without quotes. */
  readonly #bare: RegExp
  /** Pattern of the end of a field in quotes: blanks, then a delimiter, a line end or the end of the text. */
  readonly #closing: RegExp

  constructor(text: string, delimiter: string, path: string) {
    this.#text = text
    this.#delimiter = delimiter
    this.#path = path
    this.#bare = new RegExp(`[^${delimiter}\\n]*`, 'y')
    this.#closing = new RegExp(` *(?=[${delimiter}\\n]|$)`, 'y')
  }

  isDelimiter = (place: number): boolean => this.#text[place] === this.#delimiter

  /** @param line First line of the record. */
  read(start: number, line: number): Field {
    let first = start
    while (this.#text[first] === ' ') first++
    return this.#text[first] === mark ? this.#quoted(start, first, line) : this.#unquoted(start)
  }

  #unquoted(start: number): Field {
    const value = matchAt(this.#bare, this.#text, start) ?? ''
    return { value, end: start + value.length }
  }

  #quoted(start: number, open: number, line: number): Field {
    for (let from = open + 1; ; ) {
      const next = this.#text.indexOf(mark, from)
      if (next < 0) throw this.#unclosed(line)
      const after = matchAt(this.#closing, this.#text, next + 1)
      if (after !== undefined) {
        const value = this.#text.slice(open + 1, next).replaceAll('""', mark)
        return { value, end: next + 1 + after.length }
      }
      if (this.#text[next + 1] !== mark) return this.#strayMark(start, open, next, line)
      from = next + 2
    }
  }

  /** A field that begins with a mark, and has another one where a doubled or a closing mark should be. */
  #strayMark(start: number, open: number, stray: number, line: number): Field {
    if (this.#text.slice(open, stray).includes('\n')) throw this.#unclosed(line)
    const field = this.#unquoted(start)
    if (!field.value.trimEnd().endsWith(mark)) return field
    return { ...field, problem: 'a quotation mark within quotes is not doubled; write it twice: ""' }
  }

  #unclosed(line: number): DataError {
    return new DataError(
      'data/malformed-csv',
      `${this.#path}:${line}: a quotation mark opens a field and does not close. Close it, and write a mark within ` +
        'quotes twice: ""',
      { file: this.#path, line },
    )
  }
}

function matchAt(pattern: RegExp, text: string, place: number): string | undefined {
  pattern.lastIndex = place
  return pattern.exec(text)?.[0]
}

const countLineEnds = (text: string): number => text.split('\n').length - 1
