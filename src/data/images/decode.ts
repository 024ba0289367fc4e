import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import type { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import { badSample, samplePlace } from '../sources/bad-sample.ts'
import { enlarge } from './enlarge.ts'
import type { Pixels } from './pixels.ts'

/**
 * How a picture becomes a square. `contain`: the whole picture, transparent beside it (drawings, emoji).
 * `cover`: the shorter side is scaled to the square and the middle is cut out, as CLIP's processor does.
 * `fill`: stretched to the square, as SigLIP's processor does.
 */
export type Fit = 'contain' | 'cover' | 'fill'

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
 * the bicubic kernel (a = −0.5, antialiased) of CLIP's processor. `frame` says where the picture lies in the square.
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
  const { data, info } = await sharp(bytes, { failOn: 'error' })
    .autoOrient()
    .resize({
      width: resolution,
      height: resolution,
      fit: fit === 'cover' ? 'outside' : 'inside',
      withoutEnlargement: !looksLikeSvg(bytes), // drawings are drawn larger, the rest is left to `enlarge`
      kernel: 'cubic',
    })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height } = info
  return toSquare({ width, height, data: premultiply(data) }, { resolution, fit })
}

/** Enlarge what is too small, then cut off or fill up both sides alike. */
function toSquare(pixels: Pixels, { resolution, fit }: DecodeOptions): Pixels {
  const decisive = fit === 'cover' ? Math.min : Math.max
  const scale = resolution / decisive(pixels.width, pixels.height)
  const scaled = (side: number): number => Math.max(1, Math.round(side * scale))
  const { width, height, data } =
    scale > 1 ? enlarge(pixels, scaled(pixels.width), scaled(pixels.height)) : pixels
  const [left, top] = [Math.floor((resolution - width) / 2), Math.floor((resolution - height) / 2)]
  const frame = { left, top, width, height }
  if (width === resolution && height === resolution) return { width, height, data, frame }
  const square = new Uint8Array(resolution * resolution * 4)
  for (let y = Math.max(0, top); y < Math.min(resolution, top + height); y++) {
    const row = data.subarray((y - top) * width * 4, (y - top + 1) * width * 4)
    const visible = row.subarray(Math.max(0, -left) * 4, Math.min(width, resolution - left) * 4)
    square.set(visible, (y * resolution + Math.max(0, left)) * 4)
  }
  return { width: resolution, height: resolution, data: square, frame }
}

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

function unreadable(sample: Pick<Sample, 'id' | 'image' | 'origin'>, cause: unknown): DataError {
  const { id, image, origin } = sample
  const file = 'file' in image ? image.file : undefined
  const reason = cause instanceof Error ? cause.message : String(cause)
  return badSample(
    'data/unreadable-image',
    samplePlace(sample),
    `${file ?? 'its image'} cannot be decoded: ${reason}`,
    { sample: id, ...origin, image: file },
    { cause },
  )
}
