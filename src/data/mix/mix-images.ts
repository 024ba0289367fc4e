import type { HostArray, Random } from '../../core/index.ts'
import type { Rectangle } from '../images/index.ts'

/**
 * A rectangle of about the fraction `part` of an image, of the same aspect. Its middle is uniform, and it is cut off at
 * the edges (Yun et al. 2019, appendix A). Whole pixels.
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

/** Rectangle at the same place of an image `factor` times as large, its edges rounded to whole pixels. */
export function enlarge({ left, top, width, height }: Rectangle, factor: number): Rectangle {
  const at = (place: number): number => Math.round(place * factor)
  const [x, y] = [at(left), at(top)]
  return { left: x, top: y, width: at(left + width) - x, height: at(top + height) - y }
}

/** Images, each with a patch of its partner's in the same place. */
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
