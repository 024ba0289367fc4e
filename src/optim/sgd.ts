import { ConfigError } from '../core/index.ts'
import type { Optimizer } from './optimizer.ts'
import { atLeastZero, belowOne, flag, resolveOptions } from './options.ts'

export interface SgdOptions {
  /** ≥ 0. Default 1e-3. */
  readonly learningRate?: number
  /** Decay of the velocity, in [0, 1). Default 0: no velocity is kept. */
  readonly momentum?: number
  /** Look one step of momentum ahead; needs momentum. Default false. */
  readonly nesterov?: boolean
  /** ≥ 0. Default 0. Added to the gradient (L2 regularization), not decoupled. */
  readonly weightDecay?: number
}

/**
 * Stochastic gradient descent, as `torch.optim.SGD` without dampening. With gradient g, value x, rate η,
 * decay λ, momentum μ:
 *
 *     g ← g + λ·x
 *     u ← μ·u + g
 *     x ← x − η·u            (Nesterov: x − η·(g + μ·u))
 *
 * @throws ConfigError `optim/nesterov` without momentum, `optim/option-range`, `optim/unknown-option`.
 */
export function sgd(given: SgdOptions = {}): Optimizer {
  const options = resolveOptions('sgd', given, {
    learningRate: [1e-3, atLeastZero],
    momentum: [0, belowOne],
    nesterov: [false, flag],
    weightDecay: [0, atLeastZero],
  })
  const { learningRate, weightDecay, momentum, nesterov } = options
  if (nesterov && momentum === 0) {
    throw new ConfigError('optim/nesterov', 'sgd: nesterov needs momentum; 0.9 is usual', { options })
  }
  const common = { kind: 'sgd', options, learningRate, weightDecay, scalars: () => ({}) }
  return momentum === 0 ? { ...common, ...plain } : { ...common, ...withMomentum(momentum, nesterov) }
}

type Rule<Moment extends string> = Pick<Optimizer<Moment, never>, 'moments' | 'update'>

const plain: Rule<never> = {
  moments: [],
  update({ value, gradient, learningRate, weightDecay }) {
    const decayed = gradient.add(value.mul(weightDecay))
    return { value: value.sub(decayed.mul(learningRate)) }
  },
}

const withMomentum = (momentum: number, nesterov: boolean): Rule<'velocity'> => ({
  moments: ['velocity'],
  update({ value, gradient, velocity, learningRate, weightDecay }) {
    const decayed = gradient.add(value.mul(weightDecay))
    const u = velocity.mul(momentum).add(decayed)
    const direction = nesterov ? decayed.add(u.mul(momentum)) : u
    return { value: value.sub(direction.mul(learningRate)), velocity: u }
  },
})
