import { readFile } from 'node:fs/promises'
import type { Sharp } from 'sharp'
import type { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import { badSample, samplePlace } from '../sources/bad-sample.ts'
import { decodeBmp } from './bmp.ts'
import { type DecodeOptions, type Size, scaledSide, scaledSize } from './fit.ts'
import type { Kernel } from './kernels.ts'
import { libvips } from './libvips.ts'
import type { CameraPixels, Pixels, Plain } from './pixels.ts'
import { decodeSmallPng, mostSmallPixels } from './small-png.ts'
import { premultiply, toSquare } from './square.ts'
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
