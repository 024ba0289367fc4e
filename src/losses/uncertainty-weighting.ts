import { misfit, type Tensor } from '../graph/index.ts'

/**
 * exp(−s)·L + s: the loss of one task among several, weighted by its own noise (Kendall, Gal & Cipolla 2018, with s
 * the logarithm of the variance). Its minimum over s is at s = log L: a task whose error cannot be lowered weighs
 * less, and s is the logarithm of this error.
 *
 * @param loss L, a scalar.
 * @param logVariance s, one number, learned.
 * @param share Fraction of the batch in this piece, one number: exp(−s)·L + share·s, so that pieces add up. Default
 * 1. A piece without the task's labels has share 0 and changes nothing.
 * @returns A scalar.
 * @throws ShapeError `shape/uncertaintyWeighting`.
 */
export function uncertaintyWeighting(
  loss: Tensor,
  logVariance: Tensor,
  share: Tensor = loss.scalar(1),
): Tensor {
  if ([loss, logVariance, share].some(({ size }) => size !== 1)) {
    throw misfit('uncertaintyWeighting', [loss, logVariance, share], 'each must be one number')
  }
  const s = logVariance.reshape([])
  return loss
    .reshape([])
    .mul(s.neg().exp())
    .add(s.mul(share.reshape([])))
}
