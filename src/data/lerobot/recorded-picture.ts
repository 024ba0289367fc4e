import { readFile } from 'node:fs/promises'
import type { DataError } from '../../core/index.ts'
import { type CameraPixels, cameraPng, encodedPicture, mostPixels } from '../images/index.ts'
import { libvips } from '../images/libvips.ts'
import type { EncodedImage } from '../sample.ts'
import type { LerobotFeature } from './layout.ts'

/** Picture of a camera in a frame. */
export interface RecordedPicture {
  readonly pixels: CameraPixels
  /** Encoded picture, for cameras that are stored as images. */
  readonly bytes?: Uint8Array
}

/**
 * A picture of a feature `[height, width, 3]` from pixels or an encoded image. Pixels become a PNG.
 * @param fail Error for a problem.
 */
export async function recordedPicture(
  value: unknown,
  feature: LerobotFeature,
  fail: (problem: string) => DataError,
): Promise<RecordedPicture> {
  const encoded = await encodedBytes(value, fail)
  const pixels = encoded ? await decoded(encoded, fail) : pixelsOf(value, fail)
  const [height, width] = feature.shape
  if (pixels.height !== height || pixels.width !== width)
    throw fail(`is ${pixels.height} × ${pixels.width} (height × width); its shape is [${feature.shape}]`)
  if (feature.dtype === 'video') return { pixels }
  return { pixels, bytes: encoded ?? (await cameraPng(pixels)) }
}

async function encodedBytes(
  value: unknown,
  fail: (problem: string) => DataError,
): Promise<Uint8Array | undefined> {
  const { file, bytes }: { file?: unknown; bytes?: unknown } = Object(value)
  if (typeof file !== 'string' && !(bytes instanceof Uint8Array)) return undefined
  try {
    const found = await encodedPicture(value as EncodedImage)
    return typeof found === 'string' ? await readFile(found) : found
  } catch (error) {
    throw fail(`cannot be read: ${(error as Error).message}`)
  }
}

function pixelsOf(value: unknown, fail: (problem: string) => DataError): CameraPixels {
  const { width, height, data }: { width?: unknown; height?: unknown; data?: unknown } = Object(value)
  if (typeof width !== 'number' || typeof height !== 'number' || !(data instanceof Uint8Array))
    throw fail(
      'is no picture: give { width, height, data } with red, green and blue bytes, or { bytes } of a PNG or JPEG',
    )
  if (data.length !== 3 * width * height)
    throw fail(
      `has ${data.length} bytes; ${width} × ${height} pixels of red, green and blue have ${3 * width * height}`,
    )
  return { width, height, data }
}

async function decoded(bytes: Uint8Array, fail: (problem: string) => DataError): Promise<CameraPixels> {
  const sharp = await libvips()
  try {
    const { data, info } = await sharp(bytes, { failOn: 'error', limitInputPixels: mostPixels })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, data }
  } catch (error) {
    throw fail(`cannot be decoded: ${(error as Error).message}`)
  }
}

/** Side from which LeRobot's statistics read fewer pixels, and the side that it aims at. */
const sparse = { from: 300, to: 150 } as const

/**
 * Levels of the pictures of a camera, from which statistics come. As LeRobot's, they read some of the frames, and of large
 * pictures every n-th pixel.
 */
export class PictureTallies {
  readonly #frames: Uint32Array[] = []

  add({ width, height, data }: CameraPixels): void {
    const longest = Math.max(width, height)
    const step = longest < sparse.from ? 1 : Math.floor(longest / sparse.to)
    const tally = new Uint32Array(3 * 256)
    for (let y = 0; y < height; y += step) {
      for (let x = 0; x < width; x += step) {
        const from = 3 * (y * width + x)
        tally[data[from]!]!++
        tally[256 + data[from + 1]!]!++
        tally[512 + data[from + 2]!]!++
      }
    }
    this.#frames.push(tally)
  }

  /** Levels of the sampled frames together, [3, 256], and the count of these frames. */
  sampled(): { tally: Float64Array; count: number } {
    const places = sampledFrames(this.#frames.length)
    const tally = new Float64Array(3 * 256)
    for (const place of places) {
      const own = this.#frames[place]!
      for (let i = 0; i < tally.length; i++) tally[i]! += own[i]!
    }
    return { tally, count: places.length }
  }
}

/**
 * Frames of an episode that statistics of pictures read: n^0.75 of n, at least 100 and at most 10,000, evenly spread
 * (`sample_indices` of LeRobot).
 */
export function sampledFrames(frames: number): number[] {
  const count = Math.max(Math.min(frames, 100), Math.min(Math.floor(frames ** 0.75), 10_000))
  if (count === 1) return [0]
  return Array.from({ length: count }, (_, i) => roundHalfEven((i * (frames - 1)) / (count - 1)))
}

/** numpy's rounding: halves to the even neighbour. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  if (value - below !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}
