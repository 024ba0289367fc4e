import { sameShape } from '../../core/index.ts'
import type { OpTable } from '../op-table.ts'
import type { Tensor } from '../tensor.ts'
import { misfit } from './misfit.ts'

const isInteger = (tensor: Tensor): boolean => tensor.dtype === 'int64' || tensor.dtype === 'int32'

/** Zeros of a tensor's shape, as a constant of one element stretched. */
const zerosLike = (tensor: Tensor): Tensor => tensor.scalar(0).expand(tensor.shape)

export const indexing: Pick<OpTable, 'gather' | 'gatherElements' | 'scatterElements'> = {
  gather: {
    infer: (inputs, { axis }) => {
      const [x, indices] = inputs as readonly [Tensor, Tensor]
      if (!isInteger(indices)) throw misfit('gather', inputs, "the indices must be integers: .cast('int64')")
      return {
        shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
        dtype: x.dtype,
      }
    },
    // Rows of dy are added up where their index points: as a table of rows, with the axis in front.
    gradient: ({ inputs, dy, axis }) => {
      const [x, indices] = inputs as readonly [Tensor, Tensor]
      const axes = x.shape.map((_, i) => i)
      const toFront = [axis, ...axes.filter((i) => i !== axis)]
      const frontShape = toFront.map((i) => x.shape[i]!)
      const width = x.size / frontShape[0]!
      const dyAxes = dy.shape.map((_, i) => i)
      const indexAxes = dyAxes.slice(axis, axis + indices.rank)
      const rows = dy
        .transpose([...indexAxes, ...dyAxes.filter((i) => !indexAxes.includes(i))])
        .reshape([indices.size, width])
      const targets = indices.reshape([indices.size, 1]).expand([indices.size, width])
      const table = dy.scalar(0).expand([frontShape[0]!, width]).scatterElements(targets, rows, 0)
      const back = axes.map((i) => toFront.indexOf(i))
      return [table.reshape(frontShape).transpose(back), undefined]
    },
    onnx: ({ axis }) => ({ op: 'Gather', attributes: { axis } }),
  },

  gatherElements: {
    infer: (inputs) => {
      const [x, indices] = inputs as readonly [Tensor, Tensor]
      if (!isInteger(indices))
        throw misfit('gatherElements', inputs, "the indices must be integers: .cast('int64')")
      if (indices.rank !== x.rank)
        throw misfit('gatherElements', inputs, 'the indices need as many axes as the input')
      return { shape: indices.shape, dtype: x.dtype }
    },
    gradient: ({ inputs, dy, axis }) => [
      zerosLike(inputs[0]!).scatterElements(inputs[1]!, dy, axis),
      undefined,
    ],
    onnx: ({ axis }) => ({ op: 'GatherElements', attributes: { axis } }),
  },

  // ScatterND would be the faster form, but its reduction loses updates on more than one thread.
  scatterElements: {
    infer: (inputs) => {
      const [x, indices, updates] = inputs as readonly [Tensor, Tensor, Tensor]
      if (!isInteger(indices))
        throw misfit('scatterElements', inputs, "the indices must be integers: .cast('int64')")
      if (!sameShape(indices.shape, updates.shape)) {
        throw misfit('scatterElements', inputs, 'indices and updates must have one shape; expand the indices')
      }
      return { shape: x.shape, dtype: x.dtype }
    },
    gradient: ({ inputs, dy, axis }) => [dy, undefined, dy.gatherElements(inputs[1]!, axis)],
    onnx: ({ axis }) => ({ op: 'ScatterElements', attributes: { axis, reduction: 'add' } }),
  },
}
