import { type DType, int64 } from '../../core/index.ts'
import { constant, type Tensor } from '../tensor.ts'

/**
 * 1 at the position that each index names, else 0: [...shape] → [...shape, classes]. An index outside of
 * [0, classes) gives zeros only. Written as a comparison, which onnxruntime does faster than its OneHot.
 *
 * @param indices int64
 */
export function oneHot(indices: Tensor, classes: number, dtype: DType = 'float32'): Tensor {
  const positions = constant(
    int64(
      [classes],
      Array.from({ length: classes }, (_, i) => i),
    ),
  )
  return indices
    .reshape([...indices.shape, 1])
    .equal(positions)
    .cast(dtype)
}
