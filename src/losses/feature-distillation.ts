import { sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'

/**
 * Feature distillation (CLIP-KD, Yang et al. 2024: the best single term): ‖student − teacher‖² of each sample. The paper's
 * mean squared error is this divided by the width, with a weight of 2,000; without the division a weight means the same at
 * every width.
 *
 * @param features Of the student [batch, width], L2-normalized; projected to the teacher's width where it has another.
 * @param teacher Of the teacher, the same shape, L2-normalized.
 * @returns [batch], from 0 to 4: 2 − 2 · cosine.
 * @throws ShapeError `shape/distillation`.
 */
export function featureDistances(features: Tensor, teacher: Tensor): Tensor {
  if (features.rank !== 2 || !sameShape(features.shape, teacher.shape)) {
    const fix = 'both must be [batch, width]; project the student to the width of its teacher'
    throw misfit('distillation', [features, teacher], fix)
  }
  return features.sub(teacher).square().sum(1)
}

/**
 * Relational distillation (Park et al. 2019; the similarities of Tung & Mori 2019): the samples of a batch are as
 * similar to each other for the student as for the teacher. For each sample the mean of (cosine − teacher's cosine)² with
 * all others. The widths may differ.
 *
 * @param features Of the student [batch, width], L2-normalized.
 * @param teacher Of the teacher [batch, any width], L2-normalized.
 * @returns [batch], from 0 to 4; 0 for a sample alone.
 * @throws ShapeError `shape/distillation`.
 */
export function relationalDistances(features: Tensor, teacher: Tensor): Tensor {
  const [batch] = features.shape
  if (features.rank !== 2 || teacher.rank !== 2 || teacher.shape[0] !== batch) {
    throw misfit('distillation', [features, teacher], 'both must be [batch, width], for one batch')
  }
  const cosines = (x: Tensor) => x.matmul(x, { transposeB: true, exact: true }) // [batch, batch]
  // A sample's similarity to itself is 1 for both, up to rounding, and so adds nothing.
  const difference = cosines(features).sub(cosines(teacher))
  return difference
    .square()
    .sum(1)
    .mul(1 / Math.max(1, batch! - 1))
}
