import { type DataError, excerpt } from '../../core/index.ts'
import { badRow, type CaptionColumns, type CaptionRow, captionRow } from './caption-row.ts'
import { parseJson } from './python-json.ts'

/** One line of a text. */
export interface TextLine {
  readonly text: string
  /** Number of the line, from 1. */
  readonly line: number
}

/**
 * The rows of a JSONL text, one a line; blank lines are no rows. A row is `{"file": "a.png", "caption": "…"}` or
 * `{"file": "a.png", "captions": ["…", "…"]}`, or has both; other keys are labels or ignored. `path` is for messages.
 */
export function* parseCaptionsJsonl(
  text: string,
  path: string,
  columns: CaptionColumns,
): Generator<CaptionRow | DataError> {
  for (const { text: row, line } of textLines(text)) yield parseRow(row, { file: path, line }, columns)
}

/** Lines that are not blank; a line ends with LF, CR LF or CR. */
export function* textLines(text: string): Generator<TextLine> {
  const end = /\r\n?|\n|$/g
  let start = 0
  for (let line = 1; start < text.length; line++) {
    end.lastIndex = start
    const { index, 0: mark } = end.exec(text)!
    const row = text.slice(start, index)
    if (row.trim() !== '') yield { text: row, line }
    start = index + Math.max(mark.length, 1)
  }
}

function parseRow(
  text: string,
  origin: { file: string; line: number },
  columns: CaptionColumns,
): CaptionRow | DataError {
  let json: unknown
  try {
    json = parseJson(text)
  } catch (cause) {
    return badRow('data/malformed-json', origin, `not JSON: ${(cause as Error).message}`, {}, { cause })
  }
  const { image, captions } = columns
  const values = typeof json === 'object' ? (json as Record<string, unknown> | null) : null
  const file = values?.[image]
  if (values !== null && typeof file === 'string' && captions.some((name) => name in values)) {
    return captionRow({ file, captions: captions.map((name) => values[name]), values }, origin, columns)
  }
  const [caption] = captions
  const wanted = `{"${image}": "a.png", "${caption}": "…"} or {"${image}": "a.png", "${captions.at(-1)}": ["…", "…"]}`
  return badRow('data/malformed-row', origin, `expected ${wanted}, found ${excerpt(text)}`)
}
