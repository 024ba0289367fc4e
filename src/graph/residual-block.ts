import { sameShape } from '../core/index.ts'
import type { Node, Tensor } from './tensor.ts'
import { topologicalOrder } from './traverse.ts'

/** A part of a graph that adds to what it is given: `exit` is `entry` and something more, in the same shape. */
export interface ResidualBlock {
  readonly entry: Tensor
  readonly exit: Tensor
}

/**
 * The part of a graph that some weights make, if it is a block on a residual stream: x → x + f(x), once or several times,
 * with or without a norm behind each sum. Everything that the weights decide then goes through one value, the exit.
 * @param leaves The weights.
 * @returns undefined where the part is no such block, or the graph does not have the weights.
 */
export function residualBlock(
  outputs: Iterable<Tensor>,
  leaves: readonly Tensor[],
): ResidualBlock | undefined {
  const ends = [...outputs]
  const inside = new Set<Tensor>(leaves)
  // The end of f(x) is such a value, too, before the sum is.
  for (const exit of cuts(topologicalOrder(ends), ends, inside)) {
    const stream = [...streamInto(exit, inside)].filter(({ shape }) => sameShape(shape, exit.shape))
    const [entry, ...others] = new Set(stream)
    if (entry && others.length === 0 && entry.node.op !== 'constant') return { entry, exit }
  }
  return undefined
}

/**
 * The values, one after the other, through which everything goes that depends on the leaves. What depends on them before
 * such a value, and it itself, is collected in `inside`.
 */
function* cuts(order: readonly Node[], ends: readonly Tensor[], inside: Set<Tensor>): Generator<Tensor> {
  const lastUse = new Map<Tensor, number>()
  order.forEach(({ inputs }, i) => {
    for (const input of inputs) lastUse.set(input, i)
  })
  for (const end of ends) lastUse.set(end, order.length)
  let open = Math.max(-1, ...[...inside].map((leaf) => lastUse.get(leaf) ?? -1))
  for (const [i, { inputs, outputs }] of order.entries()) {
    if (!inputs.some((input) => inside.has(input))) continue
    for (const output of outputs) inside.add(output)
    if (open <= i) yield outputs[0]
    open = Math.max(open, ...outputs.map((output) => lastUse.get(output) ?? -1))
  }
}

/** The values outside that reach a value through sums and norms alone. */
function* streamInto(exit: Tensor, inside: ReadonlySet<Tensor>): Generator<Tensor> {
  const queue = [exit]
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { op, inputs } = next.node
    if (!inside.has(next)) yield next
    else if (op === 'add') queue.push(...inputs)
    else if (op === 'layerNorm') queue.push(inputs[0]!)
  }
}
