import { DataError, type HostArray, random, zeros } from '../core/index.ts'
import { applyTransforms } from '../data/augment/index.ts'
import { type CameraPixels, decodeImage, type EncodedImage, squareOf } from '../data/images/index.ts'
import { type ImageProcessing, imageOptionsOf } from './image-processing.ts'

/**
 * Images as inputs of a model, [images, 3, size, size], prepared by the same code as for evaluation in training. Camera
 * pixels give the same result as a PNG of them.
 * @param nameOf Name of an image without a file in messages, by its place in the list.
 * @throws DataError `data/unreadable-image` for an image that cannot be decoded; `data/camera-pixels` for pixels that
 * are neither an image's bytes nor as many as width and height say.
 */
export async function imageBatch(
  images: readonly (EncodedImage | CameraPixels)[],
  processing: ImageProcessing,
  nameOf: (index: number) => string,
): Promise<HostArray<'float32'>> {
  const { size } = processing
  const planes = await Promise.all(images.map((image, i) => planesOf(image, processing, nameOf(i))))
  const batch = zeros('float32', [images.length, 3, size, size])
  for (const [i, plane] of planes.entries()) batch.data.set(plane, i * plane.length)
  return batch
}

async function planesOf(
  image: EncodedImage | CameraPixels,
  processing: ImageProcessing,
  name: string,
): Promise<Float32Array> {
  const { augment: transforms, background, ...options } = imageOptionsOf(processing)
  const pixels = isEncoded(image)
    ? await decodeImage(sampleOf(image, name), options)
    : await squareOf(requireCameraPixels(image, name), options)
  return applyTransforms(pixels, { transforms, background, caption: '', random: nothingRandom }).colors
}

const isEncoded = (image: EncodedImage | CameraPixels): image is EncodedImage =>
  'file' in image || 'bytes' in image

function sampleOf(image: EncodedImage, name: string) {
  const id = 'file' in image ? image.file : name
  return { id, image, origin: { file: id } }
}

function requireCameraPixels(image: CameraPixels, name: string): CameraPixels {
  const { width, height, data } = image
  const expected = width * height * 3
  if (data instanceof Uint8Array && expected > 0 && data.length === expected) return image
  const found = data instanceof Uint8Array ? `${data.length} bytes` : 'no bytes'
  throw new DataError(
    'data/camera-pixels',
    `${name}: ${found} for an image of ${width} × ${height} pixels. pixels is { width, height, data } with three bytes ` +
      'a pixel (red, green, blue), or { bytes } of a PNG or JPEG, or { file }',
    { name, width, height },
  )
}

const nothingRandom = random(0)
