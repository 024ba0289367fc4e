import { sizeOf } from '../../core/index.ts'
import { scalar, type Tensor } from '../tensor.ts'
import { is, type Rule } from './rule.ts'

/** Least number of rows that is worth a product. */
const fewest = 64

/**
 * Sums of all leading axes, as the gradients of biases are, become a product with a row of ones: it reads memory line
 * by line on all cores, and takes half the time of ReduceSum.
 */
export const sumRowsByMatmul: Rule = (node) => {
  if (!is(node, 'sum')) return undefined
  const [x] = node.inputs as readonly [Tensor]
  const { axes } = node.attributes
  const [rows, columns] = [sizeOf(x.shape.slice(0, axes.length)), sizeOf(x.shape.slice(axes.length))]
  const leading = axes.length < x.rank && axes.every((axis) => axis < axes.length)
  if (!leading || x.dtype !== 'float32' || rows < fewest || columns < 2) return undefined
  const sums = scalar(1)
    .expand([1, rows])
    .matmul(x.reshape([rows, columns]))
  return sums.reshape(node.outputs[0].shape)
}
