import { sameShape } from '../../core/index.ts'
import type { Tensor } from '../tensor.ts'
import { is, type Rule, scalarValue } from './rule.ts'

/** Operations that leave their input as it is: x + 0, x · 1, a reshape to the same shape, a cut gradient. */
export const dropIdentities: Rule = (node) => {
  const [x, other] = node.inputs as readonly [Tensor, Tensor | undefined]
  const output = node.outputs[0]
  if (!x || node.outputs.length > 1 || x.dtype !== output.dtype) return undefined
  const sameAs = (tensor: Tensor) => (sameShape(tensor.shape, output.shape) ? tensor : undefined)

  switch (node.op) {
    case 'detach':
      return x
    case 'reshape':
    case 'expand':
    case 'slice':
    case 'pad':
      return sameAs(x)
    case 'concat':
      return node.inputs.length === 1 ? x : undefined
    case 'add':
      if (scalarValue(other!) === 0) return sameAs(x)
      return scalarValue(x) === 0 ? sameAs(other!) : undefined
    case 'mul':
      if (scalarValue(other!) === 1) return sameAs(x)
      return scalarValue(x) === 1 ? sameAs(other!) : undefined
    case 'sub':
      return scalarValue(other!) === 0 ? sameAs(x) : undefined
    case 'div':
      return scalarValue(other!) === 1 ? sameAs(x) : undefined
    case 'neg':
      return x.node.op === 'neg' ? x.node.inputs[0] : undefined
    case 'transpose':
      return is(node, 'transpose') && node.attributes.permutation.every((axis, i) => axis === i)
        ? x
        : undefined
    default:
      return undefined
  }
}
