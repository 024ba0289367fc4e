import { random } from '../core/index.ts'
import { applyTransforms, decodeImage, type EncodedImage, type Pixels } from '../data/index.ts'
import { type ImageProcessing, imageOptionsOf } from './image-processing.ts'

/**
 * An image as a model sees it, [3, size, size]: prepared by the code that prepared it for training's evaluation.
 * @param index Names an image without a file in messages.
 * @throws DataError `data/unreadable-image`.
 */
export async function imagePlanes(
  image: EncodedImage,
  processing: ImageProcessing,
  index: number,
): Promise<Float32Array> {
  const id = 'file' in image ? image.file : `image ${index}`
  const pixels = await decodeImage({ id, image, origin: { file: id } }, imageOptionsOf(processing))
  return pixelPlanes(pixels, processing)
}

/** The same for decoded pixels, a square of the model's size. */
export function pixelPlanes(pixels: Pixels, processing: ImageProcessing): Float32Array {
  const { augment: transforms, background } = imageOptionsOf(processing)
  return applyTransforms(pixels, { transforms, background, caption: '', random: nothingRandom }).colors
}

const nothingRandom = random(0)
