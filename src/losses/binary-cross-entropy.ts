import { sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'

/**
 * Mean of −t · log σ(x) − (1 − t) · log(1 − σ(x)) over all elements, as
 * torch.nn.functional.binary_cross_entropy_with_logits.
 *
 * Computed as softplus(x) − t·x, finite for every finite x.
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
  return logits.softplus().sub(logits.mul(targets)).mean()
}
