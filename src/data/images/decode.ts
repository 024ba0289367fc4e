import { readFile } from 'node:fs/promises'
import type { Sharp } from 'sharp'
import type { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import { badSample, samplePlace } from '../sources/bad-sample.ts'
import { decodeBmp } from './bmp.ts'
import { centred, type DecodeOptions, type Size, scaledSide, scaledSize } from './fit.ts'
import type { Kernel } from './kernels.ts'
import { libvips } from './libvips.ts'
import type { CameraPixels, Pixels, Plain, Rectangle } from './pixels.ts'
import { resample } from './resample.ts'
import { decodeSmallPng, mostSmallPixels } from './small-png.ts'
import { decodeOddTiff } from './tiff.ts'

/** Pixels of the largest image that is decoded: 20,000 × 20,000 and some more, but no decompression bomb. */
export const mostPixels = 5e8

/** libvips' names of the kernels. */
const sharpKernel = { bilinear: 'linear', bicubic: 'cubic', lanczos: 'lanczos3' } as const satisfies Record<
  Kernel,
  string
>

/**
 * The pixels of a sample's image as a square of 8-bit premultiplied sRGB: EXIF orientation applied, 16-bit
 * and CMYK converted, the first frame of an animation, SVG drawn at the resolution asked for. Scaled with
 * the bicubic kernel (a = −0.5, antialiased) of CLIP's processor. `frame` says where the image lies in the square.
 * @throws DataError `data/unreadable-image` naming the sample, its file and line.
 */
export async function decodeImage(
  sample: Pick<Sample, 'id' | 'image' | 'origin'>,
  options: DecodeOptions,
): Promise<Pixels> {
  try {
    const { image } = sample
    if ('file' in image && image.frame !== undefined) {
      const { pixelsOfFrame } = await import('../video/index.ts')
      return await squareOf(await pixelsOfFrame(image.file, image.frame), options)
    }
    return await decodeBytes('file' in image ? await readFile(image.file) : image.bytes, options)
  } catch (cause) {
    throw unreadable(sample, cause)
  }
}

async function decodeBytes(bytes: Uint8Array, options: DecodeOptions): Promise<Pixels> {
  const own =
    decodeSmallPng(bytes) ?? decodeBmp(bytes, mostPixels) ?? (await decodeOddTiff(bytes, mostPixels))
  const pixels = own ? await reduced(own, options) : await decodeWithLibvips(bytes, options)
  return toSquare({ ...pixels, data: premultiply(pixels.data) }, options)
}

async function decodeWithLibvips(bytes: Uint8Array, options: DecodeOptions): Promise<Plain> {
  const sharp = await libvips()
  const image = sharp(bytes, { failOn: 'error', limitInputPixels: mostPixels }).autoOrient()
  return scaled(image, async () => (await image.metadata()).autoOrient, options, looksLikeSvg(bytes))
}

/** Pixels that were decoded here, reduced by libvips where they are many. */
async function reduced(image: Plain, options: DecodeOptions): Promise<Plain> {
  const { width, height, data } = image
  if (width * height <= mostSmallPixels) return image
  const sharp = await libvips()
  return scaled(
    sharp(data, { raw: { width, height, channels: 4 }, limitInputPixels: mostPixels }),
    () => image,
    options,
  )
}

/**
 * Square of an image that is decoded already, for example from a camera. The result is bit for bit that of
 * `decodeImage` for a PNG of these pixels.
 */
export async function squareOf(image: CameraPixels, options: DecodeOptions): Promise<Pixels> {
  const { width, height, data } = image
  const needed = scaledSize(image, options)
  const isScaled = width === needed.width && height === needed.height
  if (isScaled || width * height <= mostSmallPixels) return toSquare(opaque(image), options)
  const sharp = await libvips()
  const raw = { width, height, channels: 3 } as const
  return toSquare(
    await scaled(sharp(data, { raw, limitInputPixels: mostPixels }), () => image, options),
    options,
  )
}

/** Pixels as RGBA without transparency. */
function opaque({ width, height, data }: CameraPixels): Pixels {
  const rgba = new Uint8Array(4 * width * height).fill(255)
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    rgba[to] = data[from]!
    rgba[to + 1] = data[from + 1]!
    rgba[to + 2] = data[from + 2]!
  }
  return { width, height, data: rgba }
}

/**
 * Rows of RGBA bytes, not premultiplied, of an image, reduced by libvips where it is larger than the target size.
 * @param sizeOf Size of the image as it is shown; not asked for where the square holds all of it, since reading the header
 * of an SVG costs a quarter of drawing it.
 * @param enlarge Enlargement of drawings by libvips; other images are left to `resample`.
 */
async function scaled(
  image: Sharp,
  sizeOf: () => Size | Promise<Size>,
  options: DecodeOptions,
  enlarge = false,
): Promise<Plain> {
  const isContained = options.fit === 'contain'
  const side = scaledSide(options)
  const { data, info } = await image
    .resize({
      ...(isContained ? { width: side, height: side } : scaledSize(await sizeOf(), options)),
      fit: isContained ? 'inside' : 'fill',
      withoutEnlargement: !enlarge,
      kernel: sharpKernel[options.kernel ?? 'bicubic'],
    })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data }
}

/** Scale pixels that do not have the size yet, then cut off or fill up both sides alike. */
function toSquare(pixels: Pixels, options: DecodeOptions): Pixels {
  const { resolution, kernel } = options
  const { width, height } = scaledSize(pixels, options)
  const frame = centred({ width, height }, resolution)
  const { left, top } = frame
  const shown = {
    left: Math.max(0, -left),
    top: Math.max(0, -top),
    width: Math.min(width, resolution),
    height: Math.min(height, resolution),
  }
  const isScaled = width !== pixels.width || height !== pixels.height
  const part = isScaled ? resample(pixels, { width, height }, shown, kernel) : cut(pixels, shown)
  if (shown.width === resolution && shown.height === resolution) return { ...part, frame }
  const square = new Uint8Array(resolution * resolution * 4)
  for (let y = 0; y < shown.height; y++) {
    const row = part.data.subarray(y * shown.width * 4, (y + 1) * shown.width * 4)
    square.set(row, ((y + Math.max(0, top)) * resolution + Math.max(0, left)) * 4)
  }
  return { width: resolution, height: resolution, data: square, frame }
}

/** Rectangle of an image; the image itself where the rectangle covers all of it. */
function cut(pixels: Pixels, { left, top, width, height }: Rectangle): Pixels {
  if (width === pixels.width && height === pixels.height) return pixels
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++) {
    const start = ((y + top) * pixels.width + left) * 4
    data.set(pixels.data.subarray(start, start + width * 4), y * width * 4)
  }
  return { width, height, data }
}

/** Multiply colours by alpha, rounded, in place. */
function premultiply(data: Uint8Array): Uint8Array {
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!
    if (alpha === 255) continue
    for (let c = i; c < i + 3; c++) data[c] = Math.round((data[c]! * alpha) / 255)
  }
  return data
}

/** Test for a document that begins with a tag, after white space and a byte order mark. */
function looksLikeSvg(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 64))
  return start.trimStart().startsWith('<')
}

function unreadable(sample: Pick<Sample, 'id' | 'image' | 'origin'>, cause: unknown): DataError {
  const { id, image, origin } = sample
  const file = 'file' in image ? image.file : undefined
  return badSample(
    'data/unreadable-image',
    samplePlace(sample),
    `${file ?? 'its image'} cannot be decoded: ${reasonOf(cause)}`,
    { sample: id, ...origin, image: file },
    { cause },
  )
}

/** Messages of libvips that mean little to the owner of the image, with plain words for them. */
const plainWords: readonly (readonly [said: RegExp, meant: string])[] = [
  [/pixel limit/, `it has more than ${mostPixels / 1e6} million pixels`],
  [/unsupported image format/, 'it is none of JPEG, PNG, WebP, GIF, AVIF, TIFF, BMP and SVG'],
  [/corrupt header: *$|bad dimensions/, 'its header is damaged, or it has no pixels'],
  [/^Unknown error$/, 'it is damaged'],
]

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause)
  return plainWords.find(([said]) => said.test(message))?.[1] ?? message
}
