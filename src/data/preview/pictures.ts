import sharp from 'sharp'
import type { ImageTransform } from '../augment/index.ts'
import { encodedPicture, mostPixels } from '../images/index.ts'
import type { Sample } from '../sample.ts'

/** Longest side of an original on a page, in pixels. */
const longest = 320

/** A square of colours, [3, size, size] in [0, 1], as PNG. */
export async function pngOf(colors: Float32Array): Promise<Uint8Array> {
  const area = colors.length / 3
  const size = Math.sqrt(area)
  const bytes = Uint8Array.from({ length: colors.length }, (_, i) => {
    return Math.round(255 * Math.min(1, Math.max(0, colors[(i % 3) * area + Math.floor(i / 3)]!)))
  })
  return sharp(bytes, { raw: { width: size, height: size, channels: 3 } })
    .png()
    .toBuffer()
}

/** The whole image of a sample, smaller, and the size it has. */
export async function originalOf({
  image,
}: Pick<Sample, 'image'>): Promise<{ png: Uint8Array; width: number; height: number }> {
  const input = sharp(await encodedPicture(image), { limitInputPixels: mostPixels })
  const { width, height } = (await input.metadata()).autoOrient
  const png = await input
    .autoOrient()
    .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .png()
    .toBuffer()
  return { png, width, height }
}

/** Colours in [0, 1] of one output image of a list, with or without `normalize` at its end. */
export function displayed(colors: Float32Array, transforms: readonly ImageTransform[]): Float32Array {
  const last = transforms.at(-1)
  if (last?.kind !== 'normalize') return colors
  const area = colors.length / 3
  return colors.map((value, i) => {
    const channel = Math.floor(i / area)
    return value * last.std[channel]! + last.mean[channel]!
  })
}
