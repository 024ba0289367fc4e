import { positions, scalar, type Tensor } from '../graph/index.ts'
import { type AdamWOptions, adamW } from './adamw.ts'
import type { Optimizer } from './optimizer.ts'
import { atLeastZero, belowOne, countFromOne, resolveOptions } from './options.ts'

export interface MuonOptions extends AdamWOptions {
  /** Rate of the matrices, ≥ 0; `learningRate` is for all other parameters. Default 0.02. */
  readonly matrixLearningRate?: number
  /** Weight decay of the matrices, ≥ 0; `weightDecay` is for all other parameters. Default 0. */
  readonly matrixWeightDecay?: number
  /** Decay of the mean of a matrix's gradient, in [0, 1). Default 0.95. */
  readonly momentum?: number
  /** Newton–Schulz iterations, ≥ 1. Default 5. */
  readonly iterations?: number
}

/**
 * Muon (Jordan et al. 2024, github.com/KellerJordan/Muon): the weight matrices of the layers move along the
 * orthogonal matrix nearest to their Nesterov momentum, so that every direction of a layer learns at one rate;
 * embeddings, convolutions, norms and biases follow AdamW. For a matrix X of m rows and n columns, gradient G,
 * rate η, decay λ, momentum μ:
 *
 *     M ← μ·M + (1 − μ)·G
 *     X ← X·(1 − η·λ) − η·√max(1, m/n)·orthogonal(μ·M + (1 − μ)·G)
 *
 * @throws ConfigError `optim/option-range`, `optim/unknown-option`.
 */
export function muon(
  given: MuonOptions = {},
): Optimizer<'mean' | 'variance', 'meanCorrection' | 'varianceCorrection'> {
  const { matrixLearningRate, matrixWeightDecay, momentum, iterations, ...others } = given
  const own = resolveOptions(
    'muon',
    { matrixLearningRate, matrixWeightDecay, momentum, iterations } as Required<
      Omit<MuonOptions, keyof AdamWOptions>
    >,
    {
      matrixLearningRate: [0.02, atLeastZero],
      matrixWeightDecay: [0, atLeastZero],
      momentum: [0.95, belowOne],
      iterations: [5, countFromOne],
    },
  )
  const rest = adamW(others)
  // Schedules and groups scale the base rate; the matrices keep their ratio to it.
  const ratio = own.matrixLearningRate / rest.learningRate
  return {
    ...rest,
    kind: 'muon',
    options: { ...rest.options, ...own },
    matrices: {
      accepts: (name, shape) => shape.length === 2 && !name.includes('embedding'),
      moments: ['mean'],
      update({ value, gradient, mean, learningRate }) {
        const [, rows, columns] = value.shape as readonly [number, number, number]
        const m = mean.mul(own.momentum).add(gradient.mul(1 - own.momentum))
        const ahead = m.mul(own.momentum).add(gradient.mul(1 - own.momentum))
        const rate = learningRate.mul(ratio)
        const kept = scalar(1).sub(rate.mul(own.matrixWeightDecay))
        const step = orthogonal(ahead, own.iterations).mul(rate.mul(Math.sqrt(Math.max(1, rows / columns))))
        return { value: value.mul(kept).sub(step), mean: m }
      },
    },
  }
}

/** Jordan's coefficients of the quintic Newton–Schulz iteration. */
const [a, b, c] = [3.4445, -4.775, 2.0315]

/**
 * Nearly the orthogonal factor of each matrix [count, rows, columns]: all singular values are brought to about 1
 * (0.7 to 1.2) by the quintic Newton–Schulz iteration X ← P·X with P = a·I + b·XXᵀ + c·(XXᵀ)².
 */
function orthogonal(matrices: Tensor, iterations: number): Tensor {
  const [, rows, columns] = matrices.shape as readonly [number, number, number]
  const tall = rows > columns
  const norm = matrices.square().sum([1, 2], { keep: true }).sqrt().add(1e-7)
  const x = (tall ? matrices.transpose() : matrices).div(norm)
  const iterate = Math.max(rows, columns) > 2 * Math.min(rows, columns) ? iterateGram : iterateMatrix
  const y = iterate(x, iterations)
  return tall ? y.transpose() : y
}

/** The iteration as its formula says, for short matrices. */
function iterateMatrix(x: Tensor, iterations: number): Tensor {
  for (let i = 0; i < iterations; i++) {
    const gram = x.matmul(x, { transposeB: true })
    x = x.mul(a).add(quadratic(gram).matmul(x))
  }
  return x
}

/**
 * The iteration for long matrices, whose products with X cost most. All P and XXᵀ are polynomials of the first XXᵀ
 * and commute: XXᵀ becomes P·XXᵀ·P, and X is multiplied once, by the product of all P.
 */
function iterateGram(x: Tensor, iterations: number): Tensor {
  const [, size] = x.shape as readonly [number, number]
  const identity = positions(size).reshape([size, 1]).equal(positions(size)).cast(x.dtype)
  let gram = x.matmul(x, { transposeB: true })
  let product: Tensor | undefined
  for (let i = 0; i < iterations; i++) {
    const p = identity.mul(a).add(quadratic(gram))
    product = product ? p.matmul(product) : p
    gram = p.matmul(gram).matmul(p)
  }
  return product!.matmul(x)
}

/** b·G + c·G². */
const quadratic = (gram: Tensor): Tensor => gram.mul(b).add(gram.matmul(gram, { scale: c }))
