import { dirname, resolve } from 'node:path'
import type { DataError } from '../../../core/index.ts'
import type { EncodedImage, Sample } from '../../sample.ts'
import { badSample } from '../bad-sample.ts'
import { captionTexts, kindOf } from '../caption-texts.ts'
import { fileProblem, spelledOnDisk } from '../image-file.ts'
import { type LabelKinds, labelsOf } from '../label-values.ts'
import type { ParquetRow } from './rows.ts'

/** Meanings of the columns of a file. */
export interface ParquetColumns {
  readonly image: string
  readonly captions: readonly string[]
  readonly labels: LabelKinds
  /** Directory where paths of images begin; undefined for the folder of the file that names them. */
  readonly directory: string | undefined
}

export type Bad = (code: DataError['code'], problem: string, cause?: unknown) => DataError

/**
 * Make a sample of a row.
 * @throws DataError when the row is bad.
 */
export async function rowSample(
  { number, values }: ParquetRow,
  { file, id }: { readonly file: string; readonly id: string },
  columns: ParquetColumns,
): Promise<Sample> {
  const bad: Bad = (code, problem, cause) =>
    badSample(code, `${file}, row ${number}`, problem, { file, row: number, sample: id }, { cause })
  const captions = captionsOf(values, columns.captions, bad)
  const labels = labelsOf(values, columns.labels, (problem) => bad('data/bad-label', problem))
  const directory = columns.directory ?? dirname(file)
  const image = await imageOf(values[columns.image], { image: columns.image, directory }, bad)
  return { id, image, captions, origin: { file }, ...(labels && { labels }) }
}

function captionsOf(values: ParquetRow['values'], columns: readonly string[], bad: Bad): readonly string[] {
  for (const column of columns) {
    const { wrong } = captionTexts([values[column]])
    if (wrong !== undefined)
      throw bad('data/malformed-row', `column "${column}" holds ${kindOf(wrong)}, not text`)
  }
  const { captions } = captionTexts(columns.map((column) => values[column]))
  if (captions.length > 0) return captions
  throw bad('data/empty-caption', `no caption in ${columns.join(', ')}`)
}

/**
 * Image from bytes, a path, or a struct of the two, as Hugging Face stores images; bytes are copied from their page.
 */
export async function imageOf(value: unknown, { image, directory }: Place, bad: Bad): Promise<EncodedImage> {
  const { bytes, path } = partsOf(value)
  if (bytes instanceof Uint8Array) {
    if (bytes.length === 0) throw bad('data/empty-image', `the image in column "${image}" has no bytes`)
    return { bytes: bytes.slice() }
  }
  if (path === null || path === undefined) throw bad('data/missing-image', `no image in column "${image}"`)
  if (typeof path !== 'string') {
    throw bad('data/malformed-row', `column "${image}" holds ${kindOf(path)}, not an image's bytes or path`)
  }
  const file = resolve(directory, spelledOnDisk(directory, path))
  const problem = await fileProblem(file)
  if (problem) throw bad(problem.code, problem.message, problem.cause)
  return { file }
}

/** Column of images, and the directory where their paths begin. */
interface Place {
  readonly image: string
  readonly directory: string
}

function partsOf(value: unknown): { readonly bytes?: unknown; readonly path?: unknown } {
  if (value instanceof Uint8Array) return { bytes: value }
  const isStruct = typeof value === 'object' && value !== null && ('bytes' in value || 'path' in value)
  return isStruct ? value : { path: value }
}
