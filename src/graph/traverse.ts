import type { Node, Tensor } from './tensor.ts'

/**
 * Every node that the outputs depend on, producers before consumers, in an order fixed by the graph alone.
 * @param known Nodes that are left out, together with those that only they need. Default: none.
 */
export function topologicalOrder(
  outputs: Iterable<Tensor>,
  known: { has(node: Node): boolean } = new Set(),
): Node[] {
  const order: Node[] = []
  const seen = new Set<Node>()
  const isNew = (node: Node) => !seen.has(node) && !known.has(node)
  // An explicit stack: a deep model would overflow the call stack.
  const stack: { node: Node; next: number }[] = []
  for (const output of outputs) {
    if (isNew(output.node)) {
      seen.add(output.node)
      stack.push({ node: output.node, next: 0 })
    }
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!
      const producer = top.node.inputs[top.next++]?.node
      if (!producer) {
        order.push(top.node)
        stack.pop()
      } else if (isNew(producer)) {
        seen.add(producer)
        stack.push({ node: producer, next: 0 })
      }
    }
  }
  return order
}
