import { scalar, type Tensor } from '../graph/index.ts'
import type { Optimizer } from './optimizer.ts'
import { atLeastZero, belowOne, resolveOptions } from './options.ts'

export interface LionOptions {
  /** ≥ 0. Default 1e-4. Every element moves by this much, so take 3 to 10 times less than for AdamW. */
  readonly learningRate?: number
  /** Weight of the mean in the direction, in [0, 1). Default 0.9. */
  readonly beta1?: number
  /** Decay of the mean, in [0, 1). Default 0.99. */
  readonly beta2?: number
  /** ≥ 0. Default 0. Take 3 to 10 times more than for AdamW. */
  readonly weightDecay?: number
}

/**
 * Lion (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", algorithm 2): the sign of an
 * interpolated mean, with decoupled weight decay. With gradient g, value x, rate η, decay λ:
 *
 *     x ← x·(1 − η·λ) − η·sign(β₁·m + (1 − β₁)·g)
 *     m ← β₂·m + (1 − β₂)·g
 *
 * @throws ConfigError `optim/option-range`, `optim/unknown-option`.
 */
export function lion(given: LionOptions = {}): Optimizer<'mean', never> {
  const options = resolveOptions('lion', given, {
    learningRate: [1e-4, atLeastZero],
    beta1: [0.9, belowOne],
    beta2: [0.99, belowOne],
    weightDecay: [0, atLeastZero],
  })
  const { learningRate, weightDecay, beta1, beta2 } = options
  return {
    kind: 'lion',
    options,
    learningRate,
    weightDecay,
    moments: ['mean'],
    scalars: () => ({}),
    update({ value, gradient, mean, learningRate, weightDecay }) {
      const direction = sign(mean.mul(beta1).add(gradient.mul(1 - beta1)))
      const m = mean.mul(beta2).add(gradient.mul(1 - beta2))
      const kept = scalar(1).sub(learningRate.mul(weightDecay))
      return { value: value.mul(kept).sub(direction.mul(learningRate)), mean: m }
    },
  }
}

/** 1, −1, or x itself where x is zero or NaN. */
const sign = (x: Tensor): Tensor => x.greater(0).where(x.scalar(1), x.less(0).where(x.scalar(-1), x))
