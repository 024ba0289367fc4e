import { type DataError, type ErrorFacts, excerpt } from '../../core/index.ts'
import type { Labels } from '../label-rows.ts'
import type { Origin } from '../sample.ts'
import { badSample } from './bad-sample.ts'
import { captionTexts, kindOf } from './caption-texts.ts'
import { type LabelKinds, labelsOf } from './label-values.ts'
import { orDataError } from './pass.ts'

/** One row of a captions file: text or labels for one image. */
export interface CaptionRow {
  /** The image, as written. */
  readonly file: string
  /** Captions, at least one, none empty, each once. */
  readonly captions: readonly string[]
  readonly origin: Required<Origin>
  /** Labels of the row, where labels are described. */
  readonly labels?: Labels
}

/** Names of the columns of a captions file, or of the keys of its lines. */
export interface CaptionColumns {
  /** The column with the paths of images. */
  readonly image: string
  /** Columns with captions, of which a file has one or several. */
  readonly captions: readonly string[]
  readonly labels: LabelKinds
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

/** Content of a row of any format. */
interface RowContent {
  readonly file: string
  /** Values in the columns of captions: texts or lists of texts. */
  readonly captions: readonly unknown[]
  /** Values of the row, by column or key. */
  readonly values: Readonly<Record<string, unknown>>
}

/** Check a row for the requirements of all formats. */
export function captionRow(
  { file, captions: said, values }: RowContent,
  origin: Required<Origin>,
  { labels: kinds }: CaptionColumns,
): CaptionRow | DataError {
  const image = file.trim()
  if (image === '') return badRow('data/empty-file-name', origin, 'the name of the image is empty')
  const { captions, wrong } = captionTexts(said)
  if (wrong !== undefined) {
    const problem = `the caption of ${excerpt(image)} is ${kindOf(wrong)}, not text`
    return badRow('data/malformed-row', origin, problem, { image })
  }
  if (captions.length === 0) {
    return badRow('data/empty-caption', origin, `the caption of ${excerpt(image)} is empty`, { image })
  }
  return orDataError(() => {
    const labels = labelsOf(values, kinds, (problem) => badRow('data/bad-label', origin, problem))
    return { file: image, captions, origin, ...(labels && { labels }) }
  })
}
