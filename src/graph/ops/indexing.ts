import { sameShape } from '../../core/index.ts'
import { scatterAdd } from '../functions/scatter-add.ts'
import type { OpTable } from '../op-table.ts'
import type { Tensor } from '../tensor.ts'
import { misfit } from './misfit.ts'

const isInteger = (tensor: Tensor): boolean => tensor.dtype === 'int64' || tensor.dtype === 'int32'

/** True when two shapes are equal in every axis but one. */
const sameExcept = (axis: number, a: Tensor, b: Tensor): boolean =>
  a.rank === b.rank && a.shape.every((size, i) => i === axis || size === b.shape[i])

const onlyOneAxis = (axis: number) =>
  `the indices need the sizes of the input in every axis but ${axis}; expand or slice`

/** Zeros of a tensor's shape, as a constant of one element stretched. */
const zerosLike = (tensor: Tensor): Tensor => tensor.scalar(0).expand(tensor.shape)

export const indexing: Pick<OpTable, 'gather' | 'gatherElements' | 'scatterElements'> = {
  gather: {
    infer: (inputs, { axis }) => {
      const [x, indices] = inputs
      if (!isInteger(indices)) throw misfit('gather', inputs, "the indices must be integers: .cast('int64')")
      return {
        shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
        dtype: x.dtype,
      }
    },
    // Rows of dy are added up where their index points, with the axis in front.
    gradient: ({ inputs, dy, axis }) => {
      const [x, indices] = inputs
      const axes = x.shape.map((_, i) => i)
      const toFront = [axis, ...axes.filter((i) => i !== axis)]
      const dyAxes = dy.shape.map((_, i) => i)
      const indexAxes = dyAxes.slice(axis, axis + indices.rank)
      const rows = dy
        .transpose([...indexAxes, ...dyAxes.filter((i) => !indexAxes.includes(i))])
        .reshape([indices.size, ...toFront.slice(1).map((i) => x.shape[i]!)])
      const table = scatterAdd(x.shape[axis]!, indices.reshape([indices.size]), rows)
      return [table.transpose(axes.map((i) => toFront.indexOf(i))), undefined]
    },
    onnx: ({ axis }) => ({ op: 'Gather', attributes: { axis } }),
  },

  gatherElements: {
    infer: (inputs, { axis }) => {
      const [x, indices] = inputs
      if (!isInteger(indices))
        throw misfit('gatherElements', inputs, "the indices must be integers: .cast('int64')")
      if (!sameExcept(axis, indices, x)) throw misfit('gatherElements', inputs, onlyOneAxis(axis))
      return { shape: indices.shape, dtype: x.dtype }
    },
    gradient: ({ inputs, dy, axis }) => [
      zerosLike(inputs[0]).scatterElements(inputs[1], dy, axis),
      undefined,
    ],
    onnx: ({ axis }) => ({ op: 'GatherElements', attributes: { axis } }),
  },

  // ScatterND would be the faster form, but its reduction loses updates on more than one thread.
  scatterElements: {
    infer: (inputs, { axis }) => {
      const [x, indices, updates] = inputs
      if (!isInteger(indices))
        throw misfit('scatterElements', inputs, "the indices must be integers: .cast('int64')")
      if (!sameShape(indices.shape, updates.shape)) {
        throw misfit('scatterElements', inputs, 'indices and updates must have one shape; expand the indices')
      }
      if (!sameExcept(axis, indices, x)) throw misfit('scatterElements', inputs, onlyOneAxis(axis))
      if (updates.dtype !== x.dtype) {
        throw misfit('scatterElements', inputs, `cast the updates: .cast('${x.dtype}')`)
      }
      return { shape: x.shape, dtype: x.dtype }
    },
    gradient: ({ inputs, dy, axis }) => [dy, undefined, dy.gatherElements(inputs[1], axis)],
    onnx: ({ axis }) => ({ op: 'ScatterElements', attributes: { axis, reduction: 'add' } }),
  },
}
