import { z } from 'zod'
import type { DataError } from '../../core/index.ts'
import { badRow, type CaptionRow, captionRow } from './caption-row.ts'
import type { LabelKinds } from './label-values.ts'

/** `{"file": "a.png", "caption": "…"}` or `{"file": "a.png", "captions": ["…", "…"]}`; other keys are labels or ignored. */
const rowSchema = z.union([
  z
    .looseObject({ file: z.string(), caption: z.string() })
    .transform((row) => ({ file: row.file, captions: [row.caption], values: row })),
  z
    .looseObject({ file: z.string(), captions: z.array(z.string()) })
    .transform((row) => ({ file: row.file, captions: row.captions, values: row })),
])

/** The rows of a JSONL text, one a line; blank lines are no rows. `path` is for messages. */
export function parseCaptionsJsonl(
  text: string,
  path: string,
  labels: LabelKinds = {},
): (CaptionRow | DataError)[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, index) => ({ line, origin: { file: path, line: index + 1 } }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, origin }) => parseRow(line, origin, labels))
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
