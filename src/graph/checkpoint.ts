import { int64 } from '../core/index.ts'
import { applyNode, constant, type Node, type Region, type Tensor } from './tensor.ts'
import { topologicalOrder } from './traverse.ts'

/**
 * Gradient checkpointing (Chen et al. 2016): the inner values of `block` are not kept for the backward pass but
 * computed again in it. This costs one more forward pass of the block and saves its activations.
 *
 *     for (const layer of this.layers) x = checkpoint((x) => layer.forward(x), x)
 *
 * @param inputs What the block is computed from again. What else it reads is kept.
 */
export function checkpoint<Inputs extends readonly Tensor[]>(
  block: (...inputs: Inputs) => Tensor,
  ...inputs: Inputs
): Tensor {
  const y = block(...inputs)
  const outside = new Set(topologicalOrder(inputs))
  const nodes = topologicalOrder([y]).filter((node) => !outside.has(node) && node.inputs.length > 0)
  const region: Region = { inputs, nodes }
  for (const node of nodes) node.region ??= region
  return y
}

/**
 * A function that gives autodiff the inputs and outputs of each node for its gradient rule. Nodes inside a
 * checkpointed region are rebuilt from the region's inputs, once, when the first gradient reaches it.
 */
export function recomputation() {
  const rebuilt = new Map<Region, ReadonlyMap<Tensor, Tensor>>()
  return (node: Node, dys: readonly (Tensor | undefined)[]): Pick<Node, 'inputs' | 'outputs'> => {
    if (!node.region) return node
    let copies = rebuilt.get(node.region)
    if (!copies) {
      const trigger = dys.find((dy) => dy !== undefined)!
      copies = rebuild(node.region, trigger)
      rebuilt.set(node.region, copies)
    }
    const copy = (tensor: Tensor) => copies.get(tensor) ?? tensor
    const [first, ...others] = node.outputs
    return { inputs: node.inputs.map(copy), outputs: [copy(first), ...others.map(copy)] }
  }
}

function rebuild(region: Region, trigger: Tensor): ReadonlyMap<Tensor, Tensor> {
  const copies = new Map<Tensor, Tensor>()
  for (const input of region.inputs) copies.set(input, after(trigger, input))
  for (const node of region.nodes) {
    const inputs = node.inputs.map((input) => copies.get(input) ?? input)
    if (inputs.every((input, i) => input === node.inputs[i])) continue
    const { outputs } = applyNode(node.op, inputs, node.attributes)
    node.outputs.forEach((output, i) => {
      copies.set(output, outputs[i]!)
    })
  }
  return copies
}

/**
 * `x`, but not before `trigger` is known. ONNX has no control dependencies, so the target shape of a reshape,
 * which moves no data, is made to depend on one element of the trigger.
 */
function after(trigger: Tensor, x: Tensor): Tensor {
  const nothing = trigger.reshape([-1]).slice(0, 0, 1).cast('int64').mul(0)
  const shape = constant(int64([x.rank], x.shape)).add(nothing)
  return applyNode('reshapeTo', [x, shape], { shape: x.shape }).outputs[0]
}
