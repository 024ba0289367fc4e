import { is, type Node, producer, type Tensor, topologicalOrder } from '../../graph/index.ts'
import type { Product } from './products.ts'

/**
 * The value whose last axis a tensor has: what came between moved or chose whole rows of it, so that a factor for each place of
 * the last axis may be applied there as well as here.
 */
export function channelRoot(tensor: Tensor): Tensor {
  const { node } = tensor
  const at = node.inputs.findIndex((_, i) => keepsChannels(node, i))
  return at === -1 ? tensor : channelRoot(node.inputs[at]!)
}

/** Tell if a node's output has the last axis of its i-th input, and each row is one or a sum of its rows. */
function keepsChannels(node: Node, i: number): boolean {
  const [from, to] = [node.inputs[i]!, node.outputs[0]]
  const last = from.rank - 1
  if (from.shape[last] !== to.shape.at(-1)) return false
  if (node.op === 'reshape') return true
  if (is(node, 'slice'))
    return node.attributes.starts[last] === 0 && node.attributes.ends[last] === from.shape[last]
  if (is(node, 'transpose')) return node.attributes.permutation[last] === last
  if (is(node, 'gather')) return i === 0 && node.attributes.axis !== last
  // Rows are chosen by a product with ones and zeros, and hidden by a factor of 0.
  if (is(node, 'matmul')) return i === 1 && !node.attributes.transposeB
  return node.op === 'mul' && (node.inputs[1 - i]!.shape.at(-1) ?? 1) === 1
}

/** The layer normalization that a tensor comes from; its weight and bias can hold factors for the last axis. */
export const normalizationOf = (root: Tensor): Node<'layerNorm'> | undefined =>
  root.index === 0 ? producer(root, 'layerNorm') : undefined

/** Readers of the tensors of a graph. */
export class Readers {
  readonly #readers = new Map<Tensor, { readonly node: Node; readonly at: number }[]>()
  readonly #outputs: ReadonlySet<Tensor>

  constructor(outputs: Readonly<Record<string, Tensor>>) {
    this.#outputs = new Set(Object.values(outputs))
    for (const node of topologicalOrder(Object.values(outputs)))
      node.inputs.forEach((tensor, at) => {
        this.#readers.set(tensor, [...(this.#readers.get(tensor) ?? []), { node, at }])
      })
  }

  /** The products that read a value through its last axis; undefined where anything else reads it, too. */
  productsOnly(value: Tensor, products: ReadonlyMap<Node, Product>): Product[] | undefined {
    if (this.#outputs.has(value)) return undefined
    const found: Product[] = []
    for (const { node, at } of this.#readers.get(value) ?? []) {
      const product = at === 0 ? products.get(node) : undefined
      const further = product
        ? [product]
        : keepsChannels(node, at) && this.productsOnly(node.outputs[0], products)
      if (!further) return undefined
      found.push(...further)
    }
    return found
  }
}
