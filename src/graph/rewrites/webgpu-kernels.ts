import type { Tensor } from '../tensor.ts'
import { mergeLayout } from './merge-layout.ts'
import { is, type Rule } from './rule.ts'

/**
 * WebGPU has no FusedMatMul: on the CPU it would wait for the device and copy both ways, in every layer. Gemm
 * transposes matrices; batches are transposed before.
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

/** WebGPU has no LogSoftmax. */
const spellOutLogSoftmax: Rule = (node) => {
  if (!is(node, 'logSoftmax')) return undefined
  const x = node.inputs[0]!
  const shifted = x.sub(x.max(node.attributes.axis, { keep: true }))
  return shifted.sub(shifted.exp().sum(node.attributes.axis, { keep: true }).log())
}

/** WebGPU's ReduceLogSumExp overflows: from 89 on it is infinite. */
const shiftLogSumExp: Rule = (node) => {
  if (!is(node, 'logSumExp')) return undefined
  const { axes } = node.attributes
  const x = node.inputs[0]!
  const largest = x.max(axes, { keep: true })
  const y = x.sub(largest).exp().sum(axes, { keep: true }).log().add(largest)
  return y.reshape(node.outputs[0]!.shape)
}

/** Rules that say what WebGPU's kernels lack, or get wrong, with those that it has. */
export const webGpuKernels: readonly Rule[] = [
  mergeLayout,
  transposeBeforeMatmul,
  spellOutLogSoftmax,
  shiftLogSumExp,
]
