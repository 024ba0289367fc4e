import { sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'

/** Mean of 1 − GIoU over all boxes; see {@link boxOverlapErrors}. @returns A scalar in [0, 2]. */
export const boxOverlapLoss = (prediction: Tensor, target: Tensor): Tensor =>
  boxOverlapErrors(prediction, target).mean()

/**
 * 1 − GIoU of each pair of boxes (Rezatofighi et al. 2019), as torchvision.ops.generalized_box_iou_loss:
 *
 *     GIoU = intersection/union − (hull − union)/hull,   hull the smallest box around both
 *
 * Boxes that do not meet have a gradient too: it pulls them together. A box of no size is a point.
 *
 * @param prediction [..., 4]: left, top, right, bottom; left ≤ right and top ≤ bottom.
 * @param target The same shape.
 * @returns [...], each in [0, 2].
 * @throws ShapeError `shape/boxOverlapLoss`.
 */
export function boxOverlapErrors(prediction: Tensor, target: Tensor): Tensor {
  if (!sameShape(prediction.shape, target.shape) || prediction.shape.at(-1) !== 4) {
    throw misfit('boxOverlapLoss', [prediction, target], 'both must be boxes [..., 4] of one shape')
  }
  const [p, t] = [corners(prediction), corners(target)]
  const inner = area(p.from.maximum(t.from), p.to.minimum(t.to))
  const union = area(p.from, p.to).add(area(t.from, t.to)).sub(inner).add(tiny)
  const hull = area(p.from.minimum(t.from), p.to.maximum(t.to)).add(tiny)
  return inner.div(union).add(union.div(hull)).neg().add(2)
}

/** A guard against 0/0: far below the area of a pixel, in fractions of the image squared. */
const tiny = 1e-7

/** Upper left and lower right corners, [..., 2] each. */
const corners = (boxes: Tensor) => ({ from: boxes.slice(-1, 0, 2), to: boxes.slice(-1, 2, 4) })

/** Area of the boxes between two corners; 0 if they lie the wrong way round. */
function area(from: Tensor, to: Tensor): Tensor {
  const sides = to.sub(from).relu() // [..., 2]
  const [width, height] = sides.split([1, 1], -1) as [Tensor, Tensor]
  return width.mul(height).reshape(sides.shape.slice(0, -1))
}
