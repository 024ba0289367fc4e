import type { Tensor } from '../graph/index.ts'

/**
 * A group's share of the squared global norm. Summed over all groups in double precision, the root is the norm
 * of the whole gradient.
 * @param gradient [length]
 * @returns []
 */
export const sumOfSquares = (gradient: Tensor): Tensor => gradient.square().sum()

/**
 * Factor of all gradients that brings their global norm to at most `maxNorm`, as
 * `torch.nn.utils.clip_grad_norm_` (Pascanu et al. 2013):
 *
 *     min(1, maxNorm/(norm + 1e-6))
 *
 * NaN when the norm is NaN: the caller decides what to do about such a step.
 */
export const clipFactor = (norm: number, maxNorm: number): number => Math.min(1, maxNorm / (norm + 1e-6))
