import { misfit, type Tensor } from '../graph/index.ts'

/**
 * exp(−s)·L + s: the loss of one task among several, weighted by its own noise (Kendall, Gal & Cipolla 2018, with s
 * the logarithm of the variance). Its minimum over s is at s = log L: a task whose error cannot be lowered weighs
 * less, and s tells how large that error is.
 *
 * @param loss L, a scalar.
 * @param logVariance s, one number, learned.
 * @param share What part of a whole this loss is, where a batch comes in pieces: exp(−s)·L + share·s, so that the
 * pieces add up. One number; default 1. A batch without the task's labels has share 0 and moves nothing.
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
