import { float32 } from '../../core/index.ts'
import { constant, type Node, type Rule, rewriteWith, type Tensor } from '../../graph/index.ts'
import type { GraphPass, WeightedGraph } from '../method.ts'
import { channelRoot, normalizationOf, Readers } from './channels.ts'
import { integerProduct, type LayerCodes } from './integer-product.ts'
import { type Product, productsOf } from './products.ts'
import { dividedRows, smoothedMatrix } from './smoothing.ts'
import { StoredLeaves } from './stored-leaves.ts'
import { tableRule } from './table-codes.ts'

/** The layers that are computed in int8; those that are kept in float have the smoothing of what they read with others. */
export interface Int8Layers {
  readonly codes: ReadonlyMap<string, LayerCodes>
  readonly kept: ReadonlySet<string>
}

/**
 * The pass that turns products into products of int8: activations are quantized, and products are of numbers that stand as
 * codes in the file, a form that ONNX Runtime fuses to `QGemm`. Tables of embeddings are int8 by row.
 */
export const int8Pass =
  (layers: Int8Layers): GraphPass =>
  (graph) =>
    new Int8Graph(graph, layers).rewritten()

/** One graph on its way to int8. */
class Int8Graph {
  readonly #graph: WeightedGraph
  readonly #layers: Int8Layers
  readonly #products: ReadonlyMap<Node, Product>
  readonly #leaves: StoredLeaves
  /** Normalizations that hold the smoothing of what reads them. */
  readonly #folded = new Map<Node, Float32Array>()

  constructor(graph: WeightedGraph, layers: Int8Layers) {
    this.#graph = graph
    this.#layers = layers
    this.#products = new Map(productsOf(graph).map((product) => [product.node, product]))
    this.#leaves = new StoredLeaves(graph.weights)
    const readers = new Readers(graph.outputs)
    for (const product of this.#products.values()) this.#fold(channelRoot(product.input), readers)
  }

  rewritten(): WeightedGraph {
    const rules: Rule[] = [
      (node, original) => this.#normalization(node, original),
      (node, original) => this.#product(node, original),
      tableRule(this.#leaves, this.#layers.kept),
    ]
    return { outputs: rewriteWith(rules, this.#graph.outputs), weights: this.#leaves.weights }
  }

  /** Let a normalization hold the smoothing, if all that read it want the same. */
  #fold(root: Tensor, readers: Readers): void {
    const normalization = normalizationOf(root)
    if (!normalization || this.#folded.has(root.node)) return
    const [, weight, bias] = normalization.inputs
    if (!this.#leaves.floats(weight) || !this.#leaves.floats(bias)) return
    const layers = readers.productsOnly(root, this.#products)?.map(({ layer }) => layer) ?? []
    if (layers.every((layer) => this.#layers.kept.has(layer))) return
    const [first, ...others] = layers.map((layer) => this.#smoothingOf(layer))
    if (first && others.every((each) => each === first)) this.#folded.set(root.node, first)
  }

  #smoothingOf(layer: string): Float32Array | undefined {
    return this.#layers.codes.get(layer)?.smoothing
  }

  #normalization(node: Node, original: Node): Tensor | undefined {
    const smoothing = this.#folded.get(original)
    if (!smoothing) return undefined
    const { inputs, attributes } = node as unknown as Node<'layerNorm'>
    const [weight, bias] = [inputs[1], inputs[2]].map((leaf) =>
      this.#leaves.variant(leaf, '_smoothed', () => dividedRows(this.#leaves.floats(leaf)!, smoothing)),
    )
    return inputs[0].layerNorm(weight!, bias!, attributes.epsilon)
  }

  #product({ inputs }: Node, original: Node): Tensor | undefined {
    const product = this.#products.get(original)
    const codes = product && this.#layers.codes.get(product.layer)
    if (!codes) return undefined
    const [x, , bias] = inputs as readonly [Tensor, Tensor, Tensor?]
    const isFolded = this.#folded.has(channelRoot(product.input).node)
    if (this.#layers.kept.has(product.layer))
      return isFolded ? this.#smoothedProduct(product, x, bias, codes.smoothing!) : undefined
    const smooth = codes.smoothing && !isFolded ? x.mul(inverse(codes.smoothing)) : x
    const rows = x.rank === 2 ? smooth : smooth.reshape([-1, product.inputs])
    const y = integerProduct(product, rows, codes, this.#leaves)
    return x.rank === 2 ? y : y.reshape([...x.shape.slice(0, -1), product.outputs])
  }

  /** A product in float of activations that are smoothed for others. */
  #smoothedProduct(product: Product, x: Tensor, bias: Tensor | undefined, smoothing: Float32Array): Tensor {
    const { layer, inputs, outputs } = product
    const weight = this.#leaves.add(`${layer}.weight_smoothed`, () =>
      float32([inputs, outputs], smoothedMatrix(product, smoothing)),
    )
    const y = x.matmul(weight)
    return bias ? y.add(bias) : y
  }
}

/** Factors 1/s for the last axis. */
const inverse = (smoothing: Float32Array): Tensor =>
  constant(
    float32(
      [smoothing.length],
      smoothing.map((factor) => 1 / factor),
    ),
  )
