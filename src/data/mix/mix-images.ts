import { type HostArray, type Random, zeros } from '../../core/index.ts'
import type { Rectangle } from '../images/index.ts'
import type { Shares } from './mix-labels.ts'

/** `own · image + (1 − own) · partner's image` for each row of [batch, channels, height, width]. */
export function interpolateImages(
  images: HostArray<'float32'>,
  { own, partners }: Shares,
): HostArray<'float32'> {
  const mixed = zeros('float32', images.shape)
  const size = images.data.length / partners.length
  for (const [row, partner] of partners.entries()) {
    const share = own[row]!
    const [from, other] = [row * size, partner * size]
    for (let i = 0; i < size; i++) {
      const value = images.data[other + i]!
      mixed.data[from + i] = value + share * (images.data[from + i]! - value)
    }
  }
  return mixed
}

/**
 * A rectangle of about `part` of a picture, of its own aspect: its middle is uniform and what lies beyond the edges
 * is cut off (Yun et al. 2019, appendix A). Whole pixels.
 */
export function drawPatch(width: number, height: number, part: number, random: Random): Rectangle {
  const [w, h] = [width * Math.sqrt(part), height * Math.sqrt(part)]
  const [x, y] = [random.uniform(0, width), random.uniform(0, height)]
  const [left, top] = [Math.max(0, Math.round(x - w / 2)), Math.max(0, Math.round(y - h / 2))]
  return {
    left,
    top,
    width: Math.max(0, Math.min(width, Math.round(x + w / 2)) - left),
    height: Math.max(0, Math.min(height, Math.round(y + h / 2)) - top),
  }
}

/** Each image with a patch of its partner's in the same place. */
export function pastePatches(
  images: HostArray<'float32'>,
  patches: readonly Rectangle[],
  partners: readonly number[],
): HostArray<'float32'> {
  const [batch, channels, height, width] = images.shape as [number, number, number, number]
  const mixed = { ...images, data: images.data.slice() }
  const size = images.data.length / batch
  for (const [row, patch] of patches.entries()) {
    for (let line = 0; line < channels * patch.height; line++) {
      const channel = Math.floor(line / patch.height)
      const y = patch.top + (line % patch.height)
      const start = (channel * height + y) * width + patch.left
      const from = partners[row]! * size + start
      mixed.data.set(images.data.subarray(from, from + patch.width), row * size + start)
    }
  }
  return mixed
}
