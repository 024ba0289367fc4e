import type { Node, Tensor } from './tensor.ts'

/** Every node that the outputs depend on, producers before consumers, in an order fixed by the graph alone. */
export function topologicalOrder(outputs: Iterable<Tensor>): Node[] {
  const order: Node[] = []
  const seen = new Set<Node>()
  // An explicit stack: a deep model would overflow the call stack.
  const stack: { node: Node; next: number }[] = []
  for (const output of outputs) {
    if (!seen.has(output.node)) {
      seen.add(output.node)
      stack.push({ node: output.node, next: 0 })
    }
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!
      const producer = top.node.inputs[top.next++]?.node
      if (!producer) {
        order.push(top.node)
        stack.pop()
      } else if (!seen.has(producer)) {
        seen.add(producer)
        stack.push({ node: producer, next: 0 })
      }
    }
  }
  return order
}
