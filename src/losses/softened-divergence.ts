import { ConfigError, sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'

/**
 * Divergence of softened predictions from a teacher's (Hinton et al. 2015), row by row:
 *
 *     T² · KL(softmax(teacher / T) ‖ softmax(logits / T))
 *
 * Its gradients are as large as those of a cross entropy at any T, hence the factor T². Finite for all finite logits.
 *
 * @param logits [..., classes]
 * @param teacher Logits of the teacher, the same shape.
 * @param temperature T > 0: the larger, the more of the teacher's order among the wrong classes counts.
 * @returns [...], each ≥ 0; 0 where both say the same.
 * @throws ShapeError `shape/distillation`, ConfigError `losses/temperature`.
 */
export function softenedDivergences(logits: Tensor, teacher: Tensor, temperature: number): Tensor {
  requireAlike(logits, teacher, 'logits')
  requireTemperature(temperature)
  const expected = teacher.mul(1 / temperature).logSoftmax()
  const found = logits.mul(1 / temperature).logSoftmax()
  return expected
    .exp()
    .mul(expected.sub(found))
    .sum(-1)
    .mul(temperature ** 2)
}

/**
 * Divergence of an attention from a teacher's, row by row: KL(teacher ‖ softmax(scores)) (attention transfer: Zagoruyko &
 * Komodakis 2017; as a divergence in MiniLM, Wang et al. 2020).
 *
 * @param scores [..., places], before their softmax.
 * @param teacher The teacher's attention [..., places]; each row sums to 1.
 * @returns [...], each ≥ 0.
 * @throws ShapeError `shape/distillation`.
 */
export function attentionDivergences(scores: Tensor, teacher: Tensor): Tensor {
  requireAlike(scores, teacher, 'attentions')
  return teacher.mul(teacher.maximum(tiny).log().sub(scores.logSoftmax())).sum(-1)
}

/** A guard against log 0; p · log p of a smaller p is no number that counts. */
const tiny = 1e-30

function requireAlike(own: Tensor, teacher: Tensor, what: string): void {
  if (own.rank > 0 && sameShape(own.shape, teacher.shape)) return
  throw misfit('distillation', [own, teacher], `the ${what} of student and teacher need one shape`)
}

/** Refusal of a temperature that is no number above 0. @throws ConfigError `losses/temperature`. */
export function requireTemperature(temperature: number): void {
  if (temperature > 0 && Number.isFinite(temperature)) return
  const message = `distillation: the temperature must be a number above 0, not ${temperature}`
  throw new ConfigError('losses/temperature', message, { temperature })
}
