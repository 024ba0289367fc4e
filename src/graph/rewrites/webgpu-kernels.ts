import { hostArray } from '../../core/index.ts'
import { concat, constant, type Tensor } from '../tensor.ts'
import { mergeLayout } from './merge-layout.ts'
import { is, producer, type Rule } from './rule.ts'

/**
 * Products without FusedMatMul, which WebGPU lacks: on the CPU it would wait for the device and copy both ways,
 * in every layer. Gemm transposes matrices; batches are transposed before.
 */
const transposeBeforeMatmul: Rule = (node) => {
  if (!is(node, 'matmul')) return undefined
  const [a, b] = node.inputs as readonly [Tensor, Tensor]
  const { transposeA, transposeB, scale } = node.attributes
  if (scale !== 1) return a.mul(scale).matmul(b, { transposeA, transposeB })
  if (!transposeA && !transposeB) return undefined
  if (a.rank === 2 && b.rank === 2) return a.gemm(b, undefined, { transposeA, transposeB })
  return (transposeA ? a.transpose() : a).matmul(transposeB ? b.transpose() : b)
}

/** A logSoftmax without LogSoftmax, which WebGPU lacks. */
const spellOutLogSoftmax: Rule = (node) => {
  if (!is(node, 'logSoftmax')) return undefined
  const x = node.inputs[0]!
  const shifted = x.sub(x.max(node.attributes.axis, { keep: true }))
  return shifted.sub(shifted.exp().sum(node.attributes.axis, { keep: true }).log())
}

/** A logSumExp without WebGPU's ReduceLogSumExp, which overflows from 89 on. */
const shiftLogSumExp: Rule = (node) => {
  if (!is(node, 'logSumExp')) return undefined
  const { axes } = node.attributes
  const x = node.inputs[0]!
  const largest = x.max(axes, { keep: true })
  const y = x.sub(largest).exp().sum(axes, { keep: true }).log().add(largest)
  return y.reshape(node.outputs[0].shape)
}

/** Elements of the largest one-hot matrix: 64 MiB. */
const oneHotLimit = 2 ** 24

/**
 * WebGPU scatters with atomic additions, whose order and rounding differ from run to run. Whole rows are added up
 * by a product with one-hot rows instead, as many at a time as memory allows.
 */
const addRowsInOrder: Rule = (node) => {
  if (!is(node, 'scatterElements') || node.attributes.axis !== 0) return undefined
  const [table, targets, rows] = node.inputs as readonly [Tensor, Tensor, Tensor]
  const indices = producer(targets, 'expand')?.inputs[0] ?? targets
  const [size, count] = [table.shape[0]!, rows.shape[0]!]
  if (rows.rank !== 2 || indices.size !== count) return undefined
  const fromEnd = indices.add(indices.scalar(size))
  const wanted = indices.less(indices.scalar(0)).where(fromEnd, indices).cast('int32').reshape([1, count])
  const parts: Tensor[] = []
  const most = Math.max(1, Math.floor(oneHotLimit / count))
  for (let start = 0; start < size; start += most) {
    const length = Math.min(most, size - start)
    const places = Int32Array.from({ length }, (_, i) => start + i)
    const oneHot = constant(hostArray('int32', [length, 1], places)).equal(wanted) // [length, count]
    parts.push(oneHot.cast(rows.dtype).gemm(rows))
  }
  return table.add(concat(parts, 0))
}

/** Rules that replace ops whose kernels WebGPU lacks or gets wrong. */
export const webGpuKernels: readonly Rule[] = [
  mergeLayout,
  transposeBeforeMatmul,
  spellOutLogSoftmax,
  shiftLogSumExp,
  addRowsInOrder,
]
