import type { Rule } from './rule.ts'

/** A product over an axis without elements is zeros, or its bias: kernels may leave its memory as they find it. */
export const fillEmptyProducts: Rule = ({ op, inputs, outputs }) => {
  if (op !== 'matmul' && op !== 'gemm') return undefined
  const [a, , bias] = inputs
  const y = outputs[0]!
  if (a!.size > 0 || y.size === 0) return undefined
  return (bias ?? a!.scalar(0)).expand(y.shape)
}
