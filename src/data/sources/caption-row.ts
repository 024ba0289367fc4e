import type { DataError, ErrorFacts } from '../../core/index.ts'
import type { Origin } from '../sample.ts'
import { badSample } from './bad-sample.ts'

/** One row of a captions file: something said about one image. */
export interface CaptionRow {
  /** The image, as written. */
  readonly file: string
  /** At least one, none empty. */
  readonly captions: readonly string[]
  readonly origin: Required<Origin>
}

/** An error about one row. */
export function badRow(
  code: `data/${string}`,
  { file, line }: Required<Origin>,
  problem: string,
  facts: ErrorFacts = {},
  options: { cause?: unknown } = {},
): DataError {
  return badSample(code, `${file}:${line}`, problem, { file, line, ...facts }, options)
}

/** A row checked for what both formats ask of it. */
export function captionRow(
  file: string,
  captions: readonly string[],
  origin: Required<Origin>,
): CaptionRow | DataError {
  if (file.trim() === '') return badRow('data/empty-file-name', origin, 'the name of the image is empty')
  if (captions.length === 0 || captions.some((caption) => caption.trim() === '')) {
    return badRow('data/empty-caption', origin, `the caption of ${file} is empty`, { image: file })
  }
  return { file: file.trim(), captions: captions.map((caption) => caption.trim()), origin }
}
