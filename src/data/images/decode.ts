import { readFile } from 'node:fs/promises'
import sharp, { type SharpOptions } from 'sharp'
import { DataError } from '../../core/index.ts'
import type { Origin, Sample } from '../sample.ts'
import type { Pixels } from './pixels.ts'

/**
 * How a picture becomes a square. `contain`: the whole picture, transparent beside it (drawings, emoji).
 * `cover`: the shorter side is scaled to the square and the middle is cut out, as CLIP's processor does.
 */
export type Fit = 'contain' | 'cover'

/** The square a picture is decoded to. */
export interface DecodeOptions {
  /** Side of the square in pixels. */
  readonly resolution: number
  readonly fit: Fit
}

/** The worker threads are the parallelism; threads inside libvips would take the cores from training. */
sharp.concurrency(1)
sharp.cache(false)

/**
 * The pixels of a sample's image as a square of 8-bit premultiplied sRGB: EXIF orientation applied, 16-bit
 * and CMYK converted, the first frame of an animation, SVG drawn at the resolution asked for. Scaled with
 * the bicubic kernel (a = −0.5, antialiased) of CLIP's processor.
 * @throws DataError `data/unreadable-image` naming the sample, its file and line.
 */
export async function decodeImage(
  sample: Pick<Sample, 'id' | 'image' | 'origin'>,
  options: DecodeOptions,
): Promise<Pixels> {
  try {
    const { image } = sample
    return await decodeBytes('file' in image ? await readFile(image.file) : image.bytes, options)
  } catch (cause) {
    throw unreadable(sample, cause)
  }
}

async function decodeBytes(bytes: Uint8Array, { resolution, fit }: DecodeOptions): Promise<Pixels> {
  const input: SharpOptions = { failOn: 'error' }
  if (looksLikeSvg(bytes)) input.density = await svgDensity(bytes, resolution)
  const { data } = await sharp(bytes, input)
    .autoOrient()
    .resize({ width: resolution, height: resolution, fit, kernel: 'cubic', background: transparent })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { width: resolution, height: resolution, data: premultiply(data) }
}

const transparent = { r: 0, g: 0, b: 0, alpha: 0 }

/** Colour times alpha, rounded, in place. */
function premultiply(data: Uint8Array): Uint8Array {
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!
    if (alpha === 255) continue
    for (let c = i; c < i + 3; c++) data[c] = Math.round((data[c]! * alpha) / 255)
  }
  return data
}

/** A document that begins with a tag, after white space and a byte order mark. */
function looksLikeSvg(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 64))
  return start.trimStart().startsWith('<')
}

/** Dots per inch at which the shorter side of a drawing has at least `resolution` pixels. */
async function svgDensity(bytes: Uint8Array, resolution: number): Promise<number> {
  const { width, height, density = 72 } = await sharp(bytes).metadata()
  return Math.min(100_000, Math.max(1, Math.ceil((density * resolution) / Math.min(width, height))))
}

function unreadable(
  { id, image, origin }: Pick<Sample, 'id' | 'image' | 'origin'>,
  cause: unknown,
): DataError {
  const file = 'file' in image ? image.file : undefined
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new DataError(
    'data/unreadable-image',
    `sample ${id} (${describeOrigin(origin)}): ${file ?? 'its image'} cannot be decoded: ${reason}; ` +
      'repair or remove it, or leave out bad samples with --on-bad-sample skip',
    { sample: id, ...origin, image: file },
    { cause },
  )
}

/** `captions.jsonl:17` */
export const describeOrigin = ({ file, line }: Origin): string =>
  line === undefined ? file : `${file}:${line}`
