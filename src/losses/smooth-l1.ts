import { sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'

/**
 * Mean of ½d²/β where |d| < β and |d| − ½β elsewhere, d = prediction − target (Girshick 2015): a squared error
 * in which outliers weigh less, as torch.nn.functional.smooth_l1_loss.
 *
 * @param target The shape of the prediction.
 * @param beta Difference at which the parabola meets the line, > 0. Default 1.
 * @returns A scalar.
 * @throws ShapeError `shape/smoothL1`.
 */
export const smoothL1 = (prediction: Tensor, target: Tensor, beta = 1): Tensor =>
  smoothL1Errors(prediction, target, beta).mean()

/**
 * Smooth L1 error, element by element, for weighting samples.
 *
 * @returns The shape of both.
 * @throws ShapeError `shape/smoothL1`.
 */
export function smoothL1Errors(prediction: Tensor, target: Tensor, beta = 1): Tensor {
  if (!sameShape(prediction.shape, target.shape)) {
    throw misfit('smoothL1', [prediction, target], 'both need one shape; reshape one side')
  }
  const distance = prediction.sub(target).abs()
  const near = distance.minimum(beta)
  // near·(|d| − near/2)/β is both branches at once.
  return near.mul(distance.sub(near.mul(0.5))).mul(1 / beta)
}
