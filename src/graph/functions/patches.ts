import { misfit } from '../ops/misfit.ts'
import type { Tensor } from '../tensor.ts'

/**
 * The square patches of images, row by row: [batch, channels, height, width] → [batch, count, channels·size²].
 *
 * The elements of a patch lie in the order of a Conv weight [out, channels, size, size]. As in a convolution
 * whose stride is its kernel, rows and columns at the end that fill no patch are left out.
 *
 * @param size Side of a patch in pixels.
 * @throws ShapeError `shape/patches`.
 */
export function patches(images: Tensor, size: number): Tensor {
  const [batch, channels, height, width] = images.shape as readonly [number, number, number, number]
  const rows = Math.floor(height / size)
  const columns = Math.floor(width / size)
  if (images.rank !== 4 || !(rows > 0 && columns > 0)) {
    throw misfit(
      'patches',
      [images],
      `it must be [batch, channels, height, width], with sides of ${size} or more`,
    )
  }
  return images
    .slice(2, 0, rows * size)
    .slice(3, 0, columns * size)
    .reshape([batch, channels, rows, size, columns, size])
    .transpose([0, 2, 4, 1, 3, 5]) // [batch, rows, columns, channels, size, size]
    .reshape([batch, rows * columns, channels * size * size])
}

/**
 * A convolution whose stride is its kernel, as one matrix product: every patch becomes one token.
 *
 * @param images [batch, channels, height, width]
 * @param weight A Conv2d's, [width, channels, size, size].
 * @param bias [width]
 * @returns [batch, count, width]: torch's conv2d(images, weight, bias, stride=size).flatten(2).transpose(1, 2)
 * @throws ShapeError `shape/embedPatches`.
 */
export function embedPatches(images: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [, channels, size, otherSize] = weight.shape as readonly [number, number, number, number]
  if (weight.rank !== 4 || size !== otherSize || channels !== images.shape[1]) {
    throw misfit('embedPatches', [images, weight], 'the weight must be [width, channels, size, size]')
  }
  return projectPatches(patches(images, size), weight, bias)
}

/**
 * Patches as tokens, by the weight of a convolution whose stride is its kernel.
 *
 * @param pieces As {@link patches} cuts them, or some of them: [batch, count, channels·size²].
 * @returns [batch, count, width]
 */
export function projectPatches(pieces: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [batch, count, elements] = pieces.shape as readonly [number, number, number]
  const width = weight.shape[0]!
  const rows = pieces.reshape([batch * count, elements])
  const tokens = rows.gemm(weight.reshape([width, elements]), bias, { transposeB: true })
  return tokens.reshape([batch, count, width])
}
