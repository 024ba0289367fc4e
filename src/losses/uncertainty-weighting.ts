import { misfit, type Tensor } from '../graph/index.ts'

/**
 * exp(−s)·L + s: the loss of one task among several, weighted by its own noise (Kendall, Gal & Cipolla 2018, with s
 * the logarithm of the variance). Its minimum over s is at s = log L: a task whose error cannot be lowered weighs
 * less, and s tells how large that error is.
 *
 * @param loss L, a scalar.
 * @param logVariance s, one number, learned.
 * @returns A scalar.
 * @throws ShapeError `shape/uncertaintyWeighting`.
 */
export function uncertaintyWeighting(loss: Tensor, logVariance: Tensor): Tensor {
  if (loss.size !== 1 || logVariance.size !== 1) {
    throw misfit('uncertaintyWeighting', [loss, logVariance], 'both must be one number')
  }
  const s = logVariance.reshape([])
  return loss.reshape([]).mul(s.neg().exp()).add(s)
}
