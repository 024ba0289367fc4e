import { int64, type Shape } from '../../core/index.ts'
import type { One, OpAttributes, OpRow, OpTable } from '../op-table.ts'
import type { Tensor } from '../tensor.ts'
import { type CheckedOperation, misfit } from './misfit.ts'

type Reduction = OpAttributes['sum']

/** The input's shape with the reduced axes at size 1, or removed. */
function reduced(shape: Shape, { axes, keepAxes }: Reduction): Shape {
  return keepAxes
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis))
}

/** A result or its gradient, brought back to the rank of the input so that it broadcasts against it. */
const restore = (tensor: Tensor, input: Tensor, axes: readonly number[]): Tensor =>
  tensor.reshape(reduced(input.shape, { axes, keepAxes: true }))

const reduceWith = (
  name: CheckedOperation,
  onnx: string,
  gradient: (context: { x: Tensor; y: Tensor; dy: Tensor; axes: readonly number[] }) => Tensor,
): OpRow<Reduction, One> => ({
  infer: (inputs, attributes) => {
    const { shape, dtype } = inputs[0]
    if (new Set(attributes.axes).size < attributes.axes.length) {
      throw misfit(name, inputs, `the axes [${attributes.axes}] name one axis twice`)
    }
    return { shape: reduced(shape, attributes), dtype }
  },
  gradient: ({ inputs, y, dy, axes }) => {
    const x = inputs[0]
    return [gradient({ x, y: restore(y, x, axes), dy: restore(dy, x, axes), axes }).expand(x.shape)]
  },
  onnx: ({ axes, keepAxes }) => ({
    op: onnx,
    attributes: { keepdims: keepAxes ? 1 : 0, noop_with_empty_axes: 1 },
    constants: [int64([axes.length], axes)],
  }),
})

export const reduction: Pick<OpTable, 'sum' | 'mean' | 'max' | 'logSumExp' | 'argMax' | 'cumulativeSum'> = {
  sum: reduceWith('sum', 'ReduceSum', ({ dy }) => dy),
  mean: reduceWith('mean', 'ReduceMean', ({ x, dy, axes }) => dy.div(x.count(axes))),
  max: {
    ...reduceWith('max', 'ReduceMax', ({ dy }) => dy),
    // Equal maxima share the gradient evenly, as torch.amax does.
    gradient: ({ inputs, y, dy, axes }) => {
      const x = inputs[0]
      const chosen = x.equal(restore(y, x, axes)).cast(x.dtype)
      const share = restore(dy, x, axes).div(chosen.sum(axes, { keep: true }))
      return [chosen.mul(share)]
    },
  },
  logSumExp: reduceWith('logSumExp', 'ReduceLogSumExp', ({ x, y, dy }) => dy.mul(x.sub(y).exp())),

  argMax: {
    infer: ([x], { axis }) => ({ shape: x.shape.filter((_, i) => i !== axis), dtype: 'int64' }),
    gradient: 'none',
    onnx: ({ axis }) => ({ op: 'ArgMax', attributes: { axis, keepdims: 0 } }),
  },

  cumulativeSum: {
    infer: ([{ shape, dtype }]) => ({ shape, dtype }),
    gradient: ({ dy, axis, reverse }) => [dy.cumulativeSum(axis, { reverse: !reverse })],
    onnx: ({ axis, reverse }) => ({
      op: 'CumSum',
      attributes: { reverse: reverse ? 1 : 0 },
      constants: [int64([], [axis])],
    }),
  },
}
