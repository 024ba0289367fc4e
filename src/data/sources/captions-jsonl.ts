import { z } from 'zod'
import type { DataError } from '../../core/index.ts'
import { badRow, type CaptionRow, captionRow } from './caption-row.ts'
import type { LabelKinds } from './label-values.ts'

/**
 * Schema of a row: `{"file": "a.png", "caption": "…"}` or `{"file": "a.png", "captions": ["…", "…"]}`; other keys are
 * labels or ignored.
 */
const rowSchema = z.union([
  z
    .looseObject({ file: z.string(), caption: z.string() })
    .transform((row) => ({ file: row.file, captions: [row.caption], values: row })),
  z
    .looseObject({ file: z.string(), captions: z.array(z.string()) })
    .transform((row) => ({ file: row.file, captions: row.captions, values: row })),
])

/** The rows of a JSONL text, one a line; blank lines are no rows. `path` is for messages. */
export function* parseCaptionsJsonl(
  text: string,
  path: string,
  labels: LabelKinds = {},
): Generator<CaptionRow | DataError> {
  let start = text.startsWith('\uFEFF') ? 1 : 0
  for (let line = 1; start < text.length; line++) {
    const end = text.indexOf('\n', start)
    const row = text.slice(start, end < 0 ? text.length : end)
    if (row.trim() !== '') yield parseRow(row, { file: path, line }, labels)
    start = end < 0 ? text.length : end + 1
  }
}

function parseRow(
  text: string,
  origin: { file: string; line: number },
  labels: LabelKinds,
): CaptionRow | DataError {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    return badRow('data/malformed-json', origin, `not JSON: ${(cause as Error).message}`, {}, { cause })
  }
  const row = rowSchema.safeParse(json)
  if (row.success) return captionRow(row.data, origin, labels)
  const wanted = '{"file": "a.png", "caption": "…"} or {"file": "a.png", "captions": ["…", "…"]}'
  return badRow('data/malformed-row', origin, `expected ${wanted}, found ${text.slice(0, 80)}`)
}
