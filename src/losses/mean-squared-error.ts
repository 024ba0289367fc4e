import { sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'

/**
 * Mean of (prediction − target)² over all elements.
 *
 * @param prediction Any shape.
 * @param target The same shape: [n] against [n, 1] would silently compare all with all.
 * @returns A scalar.
 * @throws ShapeError `shape/meanSquaredError`.
 */
export const meanSquaredError = (prediction: Tensor, target: Tensor): Tensor =>
  squaredErrors(prediction, target).mean()

/**
 * (prediction − target)², element by element, for weighting samples.
 *
 * @returns The shape of both.
 * @throws ShapeError `shape/meanSquaredError`.
 */
export function squaredErrors(prediction: Tensor, target: Tensor): Tensor {
  if (!sameShape(prediction.shape, target.shape)) {
    throw misfit('meanSquaredError', [prediction, target], 'both need one shape; reshape one side')
  }
  return prediction.sub(target).square()
}
