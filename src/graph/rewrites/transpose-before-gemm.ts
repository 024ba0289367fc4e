import type { Tensor } from '../tensor.ts'
import { is, type Rule } from './rule.ts'

/** Least number of rows, which the product sums over, that is worth a transposition. */
const fewest = 64

/**
 * Products aᵀ·b, as the gradients of weights are, with the transposition done before: the kernel for a transposed first
 * operand takes longer than both together. The values are the same but for the last bits, which depend on the shapes.
 */
export const transposeBeforeGemm: Rule = (node) => {
  if (!is(node, 'gemm') || !node.attributes.transposeA) return undefined
  const [a, b, bias] = node.inputs as readonly [Tensor, Tensor, Tensor?]
  if (a.shape[0]! < fewest) return undefined
  return a.transpose().gemm(b, bias, { ...node.attributes, transposeA: false })
}
