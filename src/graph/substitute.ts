import { applyNode, type Tensor } from './tensor.ts'
import { topologicalOrder } from './traverse.ts'

/** The same outputs with some tensors replaced by others, e.g. parameters by parts of one long vector. */
export function substitute<Outputs extends Readonly<Record<string, Tensor>>>(
  outputs: Outputs,
  replacements: ReadonlyMap<Tensor, Tensor>,
): Outputs {
  const copies = new Map<Tensor, Tensor>(replacements)
  const copyOf = (tensor: Tensor) => copies.get(tensor) ?? tensor
  for (const node of topologicalOrder(Object.values(outputs))) {
    const inputs = node.inputs.map(copyOf)
    if (inputs.every((input, i) => input === node.inputs[i])) continue
    const copy = applyNode(node.op, inputs, node.attributes)
    node.outputs.forEach((output, i) => {
      copies.set(output, copy.outputs[i]!)
    })
  }
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, copyOf(tensor)]),
  ) as unknown as Outputs
}
