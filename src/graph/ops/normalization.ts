import type { OpTable } from '../op-table.ts'
import type { Tensor } from '../tensor.ts'
import { misfit } from './misfit.ts'

export const normalization: Pick<OpTable, 'softmax' | 'logSoftmax' | 'layerNorm'> = {
  softmax: {
    infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
    gradient: ({ y, dy, axis }) => {
      const weighted = dy.mul(y)
      return [weighted.sub(y.mul(weighted.sum(axis, { keep: true })))]
    },
    onnx: ({ axis }) => ({ op: 'Softmax', attributes: { axis } }),
  },

  logSoftmax: {
    infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
    gradient: ({ y, dy, axis }) => [dy.sub(y.exp().mul(dy.sum(axis, { keep: true })))],
    onnx: ({ axis }) => ({ op: 'LogSoftmax', attributes: { axis } }),
  },

  /** Outputs: the normalized tensor, and for the backward pass its mean and inverse deviation. */
  layerNorm: {
    infer: (inputs) => {
      const [x, weight, bias] = inputs
      const width = x.shape.at(-1)
      if (weight.rank !== 1 || weight.shape[0] !== width || bias.rank !== 1 || bias.shape[0] !== width) {
        throw misfit(
          'layerNorm',
          inputs,
          `weight and bias must be rows of ${width}, the last axis of the input`,
        )
      }
      const statistics = [...x.shape.slice(0, -1), 1]
      return [
        { shape: x.shape, dtype: x.dtype },
        { shape: statistics, dtype: 'float32' },
        { shape: statistics, dtype: 'float32' },
      ]
    },
    // With x̂ = (x − mean)·inverse and g = dy·weight:  dx = inverse·(g − mean(g) − x̂·mean(g·x̂))
    gradient: ({ inputs, outputs, dy, dys }) => {
      const [x, weight] = inputs
      const [, mean, inverse] = outputs as readonly [Tensor, Tensor, Tensor]
      const normalized = x.sub(mean.cast(x.dtype)).mul(inverse.cast(x.dtype))
      const scaled = dy.mul(weight)
      const projection = scaled.mul(normalized).mean(-1, { keep: true })
      const centred = scaled.sub(scaled.mean(-1, { keep: true })).sub(normalized.mul(projection))
      const dx = centred.mul(inverse.cast(x.dtype))
      return [
        throughStatistics(dx, normalized, inverse, dys),
        dy.mul(normalized).sumTo(weight.shape),
        dy.sumTo(weight.shape),
      ]
    },
    onnx: ({ epsilon }) => ({
      op: 'LayerNormalization',
      attributes: { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
    }),
  },
}

/**
 * dx and what flows in at the statistics, which a gradient that is differentiated again reads: with width n,
 * d mean/dx = 1/n and d inverse/dx = −inverse²·x̂/n.
 */
function throughStatistics(
  dx: Tensor,
  normalized: Tensor,
  inverse: Tensor,
  [, dMean, dInverse]: readonly (Tensor | undefined)[],
): Tensor {
  const width = normalized.count([normalized.rank - 1])
  const added = [
    dMean?.cast(dx.dtype).div(width),
    dInverse?.mul(inverse).mul(inverse).neg().cast(dx.dtype).mul(normalized).div(width),
  ]
  return added.reduce<Tensor>((sum, part) => (part ? sum.add(part) : sum), dx)
}
