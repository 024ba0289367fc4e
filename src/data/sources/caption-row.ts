import type { DataError, ErrorFacts } from '../../core/index.ts'
import type { Labels } from '../label-rows.ts'
import type { Origin } from '../sample.ts'
import { badSample } from './bad-sample.ts'
import { type LabelKinds, labelsOf } from './label-values.ts'
import { orDataError } from './pass.ts'

/** One row of a captions file: text or labels for one image. */
export interface CaptionRow {
  /** The image, as written. */
  readonly file: string
  /** Captions, at least one, none empty. */
  readonly captions: readonly string[]
  readonly origin: Required<Origin>
  /** Labels of the row, where labels are described. */
  readonly labels?: Labels
}

/** An error about one row. */
export function badRow(
  code: DataError['code'],
  { file, line }: Required<Origin>,
  problem: string,
  facts: ErrorFacts = {},
  options: { cause?: unknown } = {},
): DataError {
  return badSample(code, `${file}:${line}`, problem, { file, line, ...facts }, options)
}

/** Content of a row of either format. */
interface RowContent {
  readonly file: string
  readonly captions: readonly string[]
  /** Values of the row, by column or key. */
  readonly values: Readonly<Record<string, unknown>>
}

/** Check a row for the requirements of both formats. */
export function captionRow(
  { file, captions, values }: RowContent,
  origin: Required<Origin>,
  kinds: LabelKinds,
): CaptionRow | DataError {
  if (file.trim() === '') return badRow('data/empty-file-name', origin, 'the name of the image is empty')
  if (captions.length === 0 || captions.some((caption) => caption.trim() === '')) {
    return badRow('data/empty-caption', origin, `the caption of ${file} is empty`, { image: file })
  }
  const trimmed = captions.map((caption) => caption.trim())
  return orDataError(() => {
    const labels = labelsOf(values, kinds, (problem) => badRow('data/bad-label', origin, problem))
    return { file: file.trim(), captions: trimmed, origin, ...(labels && { labels }) }
  })
}
