import { sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'

/**
 * scale · image · textᵀ: [batch, width] twice → [batch, batch], an image a row.
 *
 * The features are scaled rather than their batch² products.
 * @param pairs Targets or labels [batch, batch] of the loss, whose shape is checked.
 */
export function similarities(
  loss: 'contrastiveLoss' | 'siglipLoss',
  imageFeatures: Tensor,
  textFeatures: Tensor,
  logitScale: Tensor,
  pairs: Tensor,
): Tensor {
  const batch = imageFeatures.shape[0]!
  if (imageFeatures.rank !== 2 || !sameShape(imageFeatures.shape, textFeatures.shape)) {
    const fix = 'both sides need one shape [batch, width]: image i belongs to text i'
    throw misfit(loss, [imageFeatures, textFeatures], fix)
  }
  if (!sameShape(pairs.shape, [batch, batch])) {
    throw misfit(
      loss,
      [imageFeatures, textFeatures, pairs],
      `what says who matches must be [${batch},${batch}]`,
    )
  }
  if (logitScale.size !== 1) {
    throw misfit(loss, [imageFeatures, textFeatures, logitScale], 'the scale must be one number')
  }
  return imageFeatures.mul(logitScale.reshape([])).matmul(textFeatures, { transposeB: true, exact: true })
}
