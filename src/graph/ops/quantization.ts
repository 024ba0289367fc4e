import { type DType, sameShape } from '../../core/index.ts'
import type { OpTable } from '../op-table.ts'
import type { Tensor } from '../tensor.ts'
import { misfit } from './misfit.ts'

const quantizable: readonly DType[] = ['uint8', 'int8', 'int32']

/** A row of scales or zero points belongs to an axis, a scalar to all. */
const fitsAxis = (row: Tensor, x: Tensor, axis: number): boolean =>
  row.rank === 0 || (row.rank === 1 && row.shape[0] === x.shape[axis])

export const quantization: Pick<OpTable, 'quantize' | 'dequantize' | 'matmulBits'> = {
  quantize: {
    infer: (inputs) => {
      const [x, scale, zeroPoint] = inputs
      if (x.dtype !== 'float32' || scale.rank !== 0 || zeroPoint.rank !== 0)
        throw misfit('quantize', inputs, 'it takes float32, with one scale and one zero point')
      return { shape: x.shape, dtype: zeroPoint.dtype }
    },
    gradient: 'none',
    onnx: () => ({ op: 'QuantizeLinear' }),
  },

  dequantize: {
    infer: (inputs, { axis }) => {
      const [x, scale, zeroPoint] = inputs
      if (!quantizable.includes(x.dtype) || (zeroPoint && zeroPoint.dtype !== x.dtype))
        throw misfit(
          'dequantize',
          inputs,
          'it takes codes of uint8, int8 or int32, and zero points of their type',
        )
      if (![scale, ...(zeroPoint ? [zeroPoint] : [])].every((row) => fitsAxis(row, x, axis)))
        throw misfit('dequantize', inputs, `scales need one number, or one for each place of axis ${axis}`)
      return { shape: x.shape, dtype: 'float32' }
    },
    gradient: 'none',
    onnx: ({ axis }) => ({ op: 'DequantizeLinear', attributes: { axis } }),
  },

  matmulBits: {
    infer: (inputs, { bits, block }) => {
      const [x, codes, scales] = inputs
      const blocks = Math.ceil(x.shape.at(-1)! / block)
      const columns = codes.shape[0]!
      const wanted = [columns, blocks, (block * bits) / 8]
      if (codes.dtype !== 'uint8' || !sameShape(codes.shape, wanted) || scales.size !== columns * blocks)
        throw misfit('matmulBits', inputs, `it takes codes uint8[${wanted}] with ${columns * blocks} scales`)
      return { shape: [...x.shape.slice(0, -1), columns], dtype: 'float32' }
    },
    gradient: 'none',
    onnx: ({ inputs: [x, codes], bits, block }) => ({
      op: 'MatMulNBits',
      domain: 'com.microsoft',
      attributes: { K: x.shape.at(-1)!, N: codes.shape[0]!, bits, block_size: block },
    }),
  },
}
