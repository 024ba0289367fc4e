import type { OpTable } from '../op-table.ts'
import type { Tensor } from '../tensor.ts'
import { misfit } from './misfit.ts'

/**
 * Rows of `packed` at their places in the full matrix [places, ...row]; zeros where `kept` is false.
 * @param packed [rows, ...row]
 * @param places Row of `packed` for each place: int32 [places]; any valid row where `kept` is false.
 * @param kept bool [places]
 */
export function padded(packed: Tensor, places: Tensor, kept: Tensor): Tensor {
  const mask = kept.cast(packed.dtype).reshape([kept.size, ...packed.shape.slice(1).map(() => 1)])
  return packed.padRows(places, kept).mul(mask)
}

export const packing: Pick<OpTable, 'packRows' | 'padRows'> = {
  /** The rows of x for which `kept` is true, in order; `places` serves the gradient. */
  packRows: {
    infer: (inputs, { rows }) => {
      const [x, kept, places] = inputs
      const fits = [kept, places].every(({ rank, size }) => rank === 1 && size === x.shape[0])
      if (!fits || kept.dtype !== 'bool') {
        throw misfit('packRows', inputs, 'give a bool and a place for every row')
      }
      return { shape: [rows, ...x.shape.slice(1)], dtype: x.dtype }
    },
    gradient: ({ inputs: [, kept, places], dy }) => [padded(dy, places, kept), undefined, undefined],
    onnx: () => ({ op: 'Compress', reads: 2, attributes: { axis: 0 } }),
  },

  /** Rows at their places. What stands where `kept` is false means nothing and has no gradient: see `padded`. */
  padRows: {
    infer: (inputs) => {
      const [packed, places, kept] = inputs
      if (places.rank !== 1 || kept.size !== places.size) {
        throw misfit('padRows', inputs, 'give a bool and a row for every place')
      }
      return { shape: [places.size, ...packed.shape.slice(1)], dtype: packed.dtype }
    },
    gradient: ({ inputs: [packed, places, kept], dy }) => [
      dy.packRows(kept, places, packed.shape[0]!),
      undefined,
      undefined,
    ],
    onnx: () => ({ op: 'Gather', reads: 2, attributes: { axis: 0 } }),
  },
}
