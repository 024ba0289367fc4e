import type { HostArray } from '../../core/index.ts'
import type { OpAttributes, OpName } from '../op-table.ts'
import type { Node, Tensor } from '../tensor.ts'

/**
 * One way to say the same thing cheaper: the replacement of a node's first output, or undefined when the
 * rule does not apply. What the rule builds is rewritten in turn, so a rule must not apply to its own results.
 *
 * @param node The node with its inputs rewritten: build the replacement from these.
 * @param original The same node as it was built, with the inputs that it had: ask these which parameter it reads.
 */
export type Rule = (node: Node, original: Node) => Tensor | undefined

/** The node that made `tensor` if it is a `name`, with its attributes typed. */
export function producer<Name extends OpName>(tensor: Tensor, name: Name): Node<Name> | undefined {
  return tensor.node.op === name ? (tensor.node as unknown as Node<Name>) : undefined
}

/** Narrow a node to one op. */
export const is = <Name extends OpName>(
  node: Node,
  name: Name,
): node is Node & { attributes: OpAttributes[Name] } => node.op === name

/** The value of a constant tensor. */
export const constantValue = (tensor: Tensor): HostArray | undefined =>
  producer(tensor, 'constant')?.attributes.value

/** The number that every element of a constant equals: a scalar, or any constant of one element. */
export function scalarValue(tensor: Tensor): number | undefined {
  const value = constantValue(tensor)
  return value?.data.length === 1 ? Number(value.data[0]) : undefined
}
