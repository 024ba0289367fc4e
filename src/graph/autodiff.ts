import { ShapeError } from '../core/index.ts'
import { recomputation } from './checkpoint.ts'
import { type OpRow, ops } from './op-table.ts'
import { type Node, scalar, type Tensor } from './tensor.ts'
import { topologicalOrder } from './traverse.ts'

/**
 * Reverse-mode automatic differentiation: ∂y/∂w for each `w` of `wrt`, as new parts of the graph.
 *
 * @param y The value to differentiate; a scalar unless `dy` is given.
 * @param wrt Tensors of y's graph, usually parameters. One that y does not depend on gets zeros.
 * @param dy Gradient that flows in at y (same shape), e.g. the gradient of a loss taken elsewhere.
 * @throws ShapeError `shape/gradients` when y is not a scalar and no `dy` is given.
 */
export function gradients(y: Tensor, wrt: readonly Tensor[], dy?: Tensor): Tensor[] {
  return gradientsOf([{ y, dy: dy ?? seed(y) }], wrt)
}

/** Gradients of several values at once, added up; otherwise as {@link gradients}. */
export function gradientsOf(outputs: readonly { y: Tensor; dy: Tensor }[], wrt: readonly Tensor[]): Tensor[] {
  const order = topologicalOrder(outputs.map(({ y }) => y))
  const needed = dependents(order, wrt)
  const incoming = new Map<Tensor, Tensor>()
  const accumulate = (tensor: Tensor, gradient: Tensor) => {
    const sum = incoming.get(tensor)
    incoming.set(tensor, sum ? sum.add(gradient) : gradient)
  }
  for (const { y, dy } of outputs) accumulate(y, dy)
  const recompute = recomputation()

  for (const node of order.reverse()) {
    const { gradient: rule } = ops[node.op] as OpRow<object>
    const dys = node.outputs.map((output) => incoming.get(output))
    if (rule === 'none' || !needed.has(node) || dys.every((dy) => dy === undefined)) continue
    const { inputs, outputs } = recompute(node, dys)
    const context = {
      ...node.attributes,
      inputs,
      outputs,
      y: outputs[0],
      dy: dys[0] ?? zerosLike(outputs[0]),
      dys,
      wanted: node.inputs.map((input) => needed.has(input.node)),
    }
    const results = rule(context)
    results.forEach((gradient, i) => {
      const input = node.inputs[i]!
      if (gradient && needed.has(input.node)) accumulate(input, gradient)
    })
  }
  return wrt.map((tensor) => incoming.get(tensor) ?? zerosLike(tensor))
}

/** The nodes on a path from `wrt` to the outputs. */
function dependents(order: readonly Node[], wrt: readonly Tensor[]): Set<Node> {
  const needed = new Set<Node>(wrt.map((tensor) => tensor.node))
  for (const node of order) {
    if (ops[node.op].gradient !== 'none' && node.inputs.some((input) => needed.has(input.node))) {
      needed.add(node)
    }
  }
  return needed
}

function seed(y: Tensor): Tensor {
  if (y.size !== 1) {
    throw new ShapeError(
      'shape/gradients',
      `gradients: y has shape [${y.shape}]; reduce it to a scalar (.mean()) or pass dy`,
      { shape: y.shape },
    )
  }
  return scalar(1, y.dtype).reshape(y.shape)
}

const zerosLike = (tensor: Tensor): Tensor => tensor.scalar(0).expand(tensor.shape)
