import { broadcastShapes, sameShape } from '../../core/index.ts'
import { applyNode, type Tensor } from '../tensor.ts'
import { producer, type Rule } from './rule.ts'

const broadcasting = new Set([
  'add',
  'sub',
  'mul',
  'div',
  'maximum',
  'minimum',
  'equal',
  'less',
  'lessOrEqual',
  'where',
])

/** An expanded operand of broadcasting arithmetic need not be expanded: the kernel does it without a copy. */
export const broadcastLazily: Rule = (node) => {
  if (!broadcasting.has(node.op)) return undefined
  const output = node.outputs[0]
  for (const [i, input] of node.inputs.entries()) {
    const source = producer(input, 'expand')?.inputs[0]
    if (!source) continue
    const inputs = node.inputs.map((tensor, j) => (i === j ? source : tensor))
    const shape = inputs.reduce<readonly number[] | undefined>(
      (sum, tensor) => sum && broadcastShapes(sum, tensor.shape),
      [],
    )
    if (shape && sameShape(shape, output.shape)) return rebuilt(node.op, inputs, node.attributes)
  }
  return undefined
}

const rebuilt = (...[op, inputs, attributes]: Parameters<typeof applyNode>): Tensor =>
  applyNode(op, inputs, attributes).outputs[0]
