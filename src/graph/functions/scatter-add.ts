import { sizeOf } from '../../core/index.ts'
import { misfit } from '../ops/misfit.ts'
import type { Tensor } from '../tensor.ts'

/**
 * A table of `size` rows to which `updates` are added at their indices: the gradient of gathering rows. An index may
 * occur often, or never (its row is zero).
 *
 * @param indices int64 or int32 [count], in [−size, size).
 * @param updates [count, ...row]
 * @returns [size, ...row]
 * @throws ShapeError `shape/scatterAdd`.
 */
export function scatterAdd(size: number, indices: Tensor, updates: Tensor): Tensor {
  const [count, ...row] = updates.shape
  if (count === undefined || indices.rank !== 1 || indices.shape[0] !== count) {
    throw misfit('scatterAdd', [indices, updates], 'it takes one index for each row of the updates')
  }
  const width = sizeOf(row)
  // One index for each element: int32 is half as long, and WebGPU has no kernel to expand int64.
  const targets = indices.cast('int32').reshape([count, 1]).expand([count, width])
  const table = updates.scalar(0).expand([size, width])
  return table.scatterElements(targets, updates.reshape([count, width]), 0).reshape([size, ...row])
}
