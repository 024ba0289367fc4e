import { scalar } from '../graph/index.ts'
import type { Optimizer } from './optimizer.ts'
import { atLeastZero, belowOne, resolveOptions } from './options.ts'

export interface AdamWOptions {
  /** ≥ 0. Default 1e-4 (PyTorch's is 1e-3, too high for most transformers). */
  readonly learningRate?: number
  /** Decay of the mean of the gradient, in [0, 1). Default 0.9. */
  readonly beta1?: number
  /** Decay of the mean of the squared gradient, in [0, 1). Default 0.999; CLIP used 0.98. */
  readonly beta2?: number
  /** Number added to the root, ≥ 0. Default 1e-8. */
  readonly epsilon?: number
  /** ≥ 0. Default 0.01. */
  readonly weightDecay?: number
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019), as `torch.optim.AdamW`. With gradient g, value
 * x, rate η, decay λ, at step t = 1, 2, …:
 *
 *     m ← β₁·m + (1 − β₁)·g
 *     v ← β₂·v + (1 − β₂)·g²
 *     x ← x·(1 − η·λ) − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * @throws ConfigError `optim/option-range`, `optim/unknown-option`.
 */
export function adamW(
  given: AdamWOptions = {},
): Optimizer<'mean' | 'variance', 'meanCorrection' | 'varianceCorrection'> {
  const options = resolveOptions('adamW', given, {
    learningRate: [1e-4, atLeastZero],
    beta1: [0.9, belowOne],
    beta2: [0.999, belowOne],
    epsilon: [1e-8, atLeastZero],
    weightDecay: [0.01, atLeastZero],
  })
  const { learningRate, weightDecay, beta1, beta2, epsilon } = options
  return {
    kind: 'adamW',
    options,
    learningRate,
    weightDecay,
    moments: ['mean', 'variance'],
    scalars: (step) => ({
      meanCorrection: 1 / (1 - beta1 ** step),
      varianceCorrection: 1 / (1 - beta2 ** step),
    }),
    update({
      value,
      gradient,
      mean,
      variance,
      meanCorrection,
      varianceCorrection,
      learningRate,
      weightDecay,
    }) {
      const m = mean.mul(beta1).add(gradient.mul(1 - beta1))
      const v = variance.mul(beta2).add(gradient.square().mul(1 - beta2))
      const direction = m.div(v.mul(varianceCorrection).sqrt().add(epsilon))
      const kept = scalar(1).sub(learningRate.mul(weightDecay))
      const length = learningRate.mul(meanCorrection)
      return { value: value.mul(kept).sub(direction.mul(length)), mean: m, variance: v }
    },
  }
}
