import { float32 } from '../../core/index.ts'
import { constant, scalar, type Tensor } from '../tensor.ts'

/**
 * Number added to the score of a token that must not be seen.
 *
 * It is not −∞, and not the smallest float as in `transformers`: the softmax of a row without any visible token would
 * be NaN, in the second case as soon as two masks are added up. −10⁴ is still far below any score, so that a
 * masked weight is exactly 0 in float32, and the sum of several masks is a number even in float16 (≥ −65504).
 */
export const maskedScore = -1e4

/**
 * Mask of scores in which no token sees a later one: [length, length], 0 on and below the diagonal.
 *
 * @param longest Largest length, when `length` is a symbolic size. Default `length`.
 */
export function causalMask(length: number, longest = length): Tensor {
  const position = positions(length, longest)
  const later = position.reshape([1, length]).greater(position.reshape([length, 1]))
  return later.where(scalar(maskedScore), 0)
}

/** 0, 1, 2, … as float32 [length]; `longest` as in {@link causalMask}. */
export function positions(length: number, longest = length): Tensor {
  return constant(
    float32(
      [longest],
      Array.from({ length: longest }, (_, i) => i),
    ),
  ).slice(0, 0, length)
}

/**
 * Mask of scores in which no token sees padding.
 *
 * @param attentionMask [batch, length], 1 (or true) at tokens and 0 at padding.
 * @returns [batch, 1, 1, length], broadcasts to scores [batch, heads, queries, keys].
 */
export function paddingMask(attentionMask: Tensor): Tensor {
  const [batch, length] = attentionMask.shape as readonly [number, number]
  return attentionMask.cast('float32').sub(1).mul(-maskedScore).reshape([batch, 1, 1, length])
}
