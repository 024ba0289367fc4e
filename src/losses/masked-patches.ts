import { sameShape } from '../core/index.ts'
import { misfit, patches, type Tensor } from '../graph/index.ts'

/** Number added to the variance of a patch, as in MAE. */
const epsilon = 1e-6

/**
 * The pixels of each patch, normalized by the patch's own mean and variance (He et al. 2022, section 3): (x − mean) / √(var +
 * 10⁻⁶), with the unbiased variance as torch's `var`. A patch of one colour is all zeros.
 *
 * @param images [batch, channels, height, width]
 * @param size Side of a patch in pixels, of which a patch has more than one element.
 * @returns [batch, patches, channels·size²], in the order of a Conv weight.
 * @throws ShapeError `shape/patches`.
 */
export function normalizedPatches(images: Tensor, size: number): Tensor {
  const pixels = patches(images, size)
  const centred = pixels.sub(pixels.mean(2, { keep: true }))
  const variance = centred
    .square()
    .sum(2, { keep: true })
    .mul(1 / (pixels.shape[2]! - 1))
  return centred.div(variance.add(epsilon).sqrt())
}

/**
 * Mean squared error over the masked patches of each image: its loss in MAE.
 *
 * @param prediction [batch, patches, numbers]
 * @param target The same shape.
 * @param masked 1 at patches that count, 0 elsewhere: [batch, patches]; an image without any has 0.
 * @returns [batch]
 * @throws ShapeError `shape/maskedPatchErrors`.
 */
export function maskedPatchErrors(prediction: Tensor, target: Tensor, masked: Tensor): Tensor {
  if (!sameShape(prediction.shape, target.shape) || !sameShape(prediction.shape.slice(0, 2), masked.shape)) {
    throw misfit(
      'maskedPatchErrors',
      [prediction, target, masked],
      'prediction and target need one shape [batch, patches, numbers], and the mask its first two axes',
    )
  }
  const errors = prediction.sub(target).square().mean(2) // [batch, patches]
  return errors.mul(masked).sum(1).div(masked.sum(1).maximum(1))
}
