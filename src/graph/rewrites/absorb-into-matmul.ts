import type { Tensor } from '../tensor.ts'
import { is, producer, type Rule } from './rule.ts'

/** Transposed operands of a matrix product are taken by its kernel for free. */
export const absorbIntoMatmul: Rule = (node) => {
  if (!is(node, 'matmul')) return undefined
  const [a, b] = node.inputs as readonly [Tensor, Tensor]
  const plainA = untransposed(a)
  if (plainA) return plainA.matmul(b, { ...node.attributes, transposeA: !node.attributes.transposeA })
  const plainB = untransposed(b)
  if (!plainB) return undefined
  return a.matmul(plainB, { ...node.attributes, transposeB: !node.attributes.transposeB })
}

/** The input of a transposition of the last two axes. */
function untransposed(tensor: Tensor): Tensor | undefined {
  const transposition = producer(tensor, 'transpose')
  if (!transposition) return undefined
  const { permutation } = transposition.attributes
  const rank = permutation.length
  const swapsLastTwo = permutation.every(
    (axis, i) => axis === (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i),
  )
  return swapsLastTwo ? transposition.inputs[0] : undefined
}
