import { float32 } from '../core/index.ts'
import { constant, misfit, type Tensor } from '../graph/index.ts'

/** Mean over the samples of {@link groundingErrors}. @returns A scalar ≥ 0. */
export const groundingLoss = (scores: Tensor, boxes: Tensor, rows: number, columns: number): Tensor =>
  groundingErrors(scores, boxes, rows, columns).mean()

/**
 * Distance of an attention over image patches from a box: the cross entropy of its softmax with the fraction of the
 * box's area in each patch.
 *
 *     −Σ targetₚ · log softmax(scores)ₚ,   targetₚ = area(box ∩ patchₚ) / area(box)
 *
 * Boxes teach a policy where to look much faster than the loss of a pose does. A box that meets no patch has no
 * target: its error and gradient are 0.
 *
 * @param scores [batch, rows · columns], row by row.
 * @param boxes [batch, 4]: left, top, right, bottom as fractions of width and height, y down.
 * @returns [batch], each ≥ 0.
 * @throws ShapeError `shape/groundingLoss`.
 */
export function groundingErrors(scores: Tensor, boxes: Tensor, rows: number, columns: number): Tensor {
  const [batch, patches] = scores.shape
  if (patches !== rows * columns || boxes.rank !== 2 || boxes.shape[0] !== batch || boxes.shape[1] !== 4) {
    throw misfit('groundingLoss', [scores, boxes], `they must be [batch, ${rows * columns}] and [batch, 4]`)
  }
  const [left, top, right, bottom] = boxes.split([1, 1, 1, 1], 1) as [Tensor, Tensor, Tensor, Tensor]
  const across = overlaps(left, right, columns).reshape([batch!, 1, columns])
  const down = overlaps(top, bottom, rows).reshape([batch!, rows, 1])
  const covered = down.mul(across).reshape([batch!, patches]) // [batch, patches]
  const total = covered.sum(1, { keep: true })
  const targets = covered.div(total.maximum(tiny))
  return scores.logSoftmax().mul(targets).sum(1).neg()
}

/** A guard against 0/0: far below the area of a pixel, in fractions of the image. */
const tiny = 1e-9

/**
 * Overlap of each of `count` equal intervals of [0, 1] with the interval from `from` to `to` [batch, 1]: [batch,
 * count].
 */
function overlaps(from: Tensor, to: Tensor, count: number): Tensor {
  const edges = (first: number) =>
    constant(
      float32(
        [1, count],
        Array.from({ length: count }, (_, i) => (i + first) / count),
      ),
    )
  return to
    .minimum(edges(1))
    .sub(from.maximum(edges(0)))
    .relu()
}
