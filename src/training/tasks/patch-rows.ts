import type { VlmModel } from '../../models/index.ts'

type Sizes = Pick<VlmModel, 'config'>

/** The patches of an image [channels, size, size], row by row of the image, each [channels, patch, patch]. */
export function patchRows(image: Float32Array, model: Sizes): Float32Array[] {
  const patches: Float32Array[] = []
  eachElement(model, (patch, element, pixel, length) => {
    patches[patch] ??= new Float32Array(length)
    patches[patch][element] = image[pixel]!
  })
  return patches
}

/** The image [channels, size, size] of its patches; the inverse of {@link patchRows}. What fills no patch is 0. */
export function imageOfPatches(patches: readonly Float32Array[], model: Sizes): Float32Array {
  const { image_size, num_channels } = model.config.vision_config
  const image = new Float32Array(num_channels * image_size ** 2)
  eachElement(model, (patch, element, pixel) => {
    image[pixel] = patches[patch]![element]!
  })
  return image
}

/** A patch as `normalizedPatches` has it, and the mean and deviation that lead back: values · deviation + mean. */
export function normalizedPatch(patch: Float32Array): {
  readonly values: Float32Array
  readonly mean: number
  readonly deviation: number
} {
  const mean = patch.reduce((total, value) => total + value, 0) / patch.length
  const variance = patch.reduce((total, value) => total + (value - mean) ** 2, 0) / (patch.length - 1)
  const deviation = Math.sqrt(variance + 1e-6)
  return { values: patch.map((value) => (value - mean) / deviation), mean, deviation }
}

function eachElement(
  { config: { vision_config } }: Sizes,
  visit: (patch: number, element: number, pixel: number, length: number) => void,
): void {
  const { image_size: size, patch_size: side, num_channels: channels } = vision_config
  const columns = Math.floor(size / side)
  const length = channels * side ** 2
  for (let patch = 0; patch < columns ** 2; patch++)
    for (let element = 0; element < length; element++) {
      const [channel, within] = [Math.floor(element / side ** 2), element % side ** 2]
      const y = Math.floor(patch / columns) * side + Math.floor(within / side)
      const x = (patch % columns) * side + (within % side)
      visit(patch, element, channel * size ** 2 + y * size + x, length)
    }
}
