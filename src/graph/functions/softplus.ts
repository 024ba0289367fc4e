import type { Tensor } from '../tensor.ts'

/**
 * log(1 + eˣ), finite for every x.
 *
 * Computed as (x + |x|)/2 + log(1 + e^−|x|): no exponential grows, and the gradient at 0 is 1/2 where max(x, 0)
 * would give 0. Values below 6e-8 (x < −16.6) come out as 0; the gradient keeps its relative precision.
 */
export function softplus(x: Tensor): Tensor {
  const magnitude = x.abs()
  return x.add(magnitude).mul(0.5).add(magnitude.neg().exp().add(1).log())
}

/** log σ(x) = −softplus(−x), finite for every x. */
export const logSigmoid = (x: Tensor): Tensor => softplus(x.neg()).neg()
