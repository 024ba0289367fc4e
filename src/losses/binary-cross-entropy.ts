import { sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'

/**
 * Mean of −t · log σ(x) − (1 − t) · log(1 − σ(x)) over all elements, as
 * torch.nn.functional.binary_cross_entropy_with_logits.
 *
 * Computed as (x + |x|)/2 − t·x + log(1 + e^−|x|): finite for every finite x, and exact where the first two terms
 * cancel.
 *
 * @param logits x, any shape.
 * @param targets t in [0, 1], of the same shape and dtype.
 * @returns A scalar.
 * @throws ShapeError `shape/binaryCrossEntropyWithLogits`.
 */
export function binaryCrossEntropyWithLogits(logits: Tensor, targets: Tensor): Tensor {
  if (!sameShape(logits.shape, targets.shape)) {
    throw misfit('binaryCrossEntropyWithLogits', [logits, targets], 'both need one shape; reshape one side')
  }
  const magnitude = logits.abs()
  const linear = logits.add(magnitude).mul(0.5).sub(logits.mul(targets))
  return linear.add(magnitude.neg().exp().add(1).log()).mean()
}
