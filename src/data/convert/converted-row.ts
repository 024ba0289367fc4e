import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { ConfigError } from '../../core/index.ts'
import { encodedPicture, mostPixels } from '../images/index.ts'
import type { Sample } from '../sample.ts'
import type { Source } from '../source.ts'

/** A sample as other forms store it. */
export interface ConvertedRow {
  readonly bytes: Uint8Array
  /** Extension of the image, without a dot. */
  readonly extension: string
  readonly captions: readonly string[]
  /** Labels and arrays, by name. */
  readonly values: Readonly<Record<string, readonly number[]>>
}

/** Names that a row of the written forms has itself. */
const reserved = ['id', 'file', 'image', 'caption', 'captions']

/**
 * Check that nothing of a source is lost in a form that has one picture a sample.
 * @throws ConfigError `config/conversion`.
 */
export function requireOnePicture({ name, cameras = [], labels = {}, arrays = {} }: Source): void {
  const wrong = (problem: string) =>
    new ConfigError('config/conversion', `${name} ${problem}`, { source: name })
  if (cameras.length > 1)
    throw wrong(
      `has ${cameras.length} cameras, and this form holds one picture a sample: choose one, as in lerobot:DIRECTORY?cameras=${cameras[0]}`,
    )
  const taken = [...Object.keys(labels), ...Object.keys(arrays)].find((key) => reserved.includes(key))
  if (taken !== undefined) throw wrong(`has a value called "${taken}", which is the name of another field`)
}

/** The content of a sample. Encoded images keep their bytes; frames of videos become PNGs. */
export async function convertedRow({
  image,
  captions,
  labels = {},
  arrays = {},
}: Sample): Promise<ConvertedRow> {
  const found = await encodedPicture(image)
  const bytes = typeof found === 'string' ? await readFile(found) : found
  const numbers = Object.entries(arrays).map(([name, { data }]): [string, number[]] => [
    name,
    Array.from(data as ArrayLike<number | bigint>, Number),
  ])
  return {
    bytes,
    extension: await extensionOf(bytes),
    captions,
    values: { ...labels, ...Object.fromEntries(numbers) },
  }
}

async function extensionOf(bytes: Uint8Array): Promise<string> {
  const text = Buffer.from(bytes.subarray(0, 12)).toString('latin1')
  if (text.startsWith('\u0089PNG')) return 'png'
  if (text.startsWith('\u00ff\u00d8\u00ff')) return 'jpg'
  if (text.endsWith('WEBP')) return 'webp'
  if (text.startsWith('BM')) return 'bmp'
  const { format } = await sharp(bytes, { limitInputPixels: mostPixels }).metadata()
  return format === 'heif' ? 'avif' : format
}
