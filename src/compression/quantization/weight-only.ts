import { z } from 'zod'
import { float32, hostArray } from '../../core/index.ts'
import { type Node, type Rule, rewriteWith, type Tensor } from '../../graph/index.ts'
import { matchPattern } from '../../optim/index.ts'
import type { CompressionMethod, GraphPass } from '../method.ts'
import { type BlockCodes, blockCodes } from './codes.ts'
import { layersIn, tablesOf } from './layers-in-part.ts'
import { type Product, productsOf, rowsOf } from './products.ts'
import { requireFiniteWeights } from './require-finite-weights.ts'
import { StoredLeaves } from './stored-leaves.ts'
import { tableRule } from './table-codes.ts'

const schema = z.strictObject({
  kind: z.literal('weightOnly'),
  bits: z.union([z.literal(4), z.literal(8)]).default(4),
  group: z.union([z.literal(32), z.literal(64), z.literal(128)]).default(32),
  symmetric: z.boolean().default(true),
  keepFloat: z.array(z.string()).default([]),
})

/** Quantization of weights alone as a step of a compression: see {@link weightOnly}. */
export const weightOnlyStep = (options: Omit<z.input<typeof schema>, 'kind'> = {}) =>
  ({ kind: 'weightOnly', ...options }) as const

export interface WeightOnlyOptions {
  readonly kind: 'weightOnly'
  readonly bits: 4 | 8
  /** Numbers of an output's weights that share a scale. */
  readonly group: 32 | 64 | 128
  /** False: each group has a zero point of its own. */
  readonly symmetric: boolean
  /** Patterns of layers whose weights stay in float. */
  readonly keepFloat: readonly string[]
}

/**
 * Quantization of weights alone: matrices of products have 4 or 8 bits a number and are widened while they are multiplied
 * (`MatMulNBits`), tables of embeddings are int8 by row. Activations and sums stay in float32, so it needs no samples, and makes
 * files smaller, not products faster.
 * @throws ConfigError `optim/pattern` for a pattern that matches no layer, `compression/nothing`; DataError
 * `compression/not-finite`.
 */
export const weightOnly: CompressionMethod<WeightOnlyOptions> = {
  schema,
  async apply(options, subject, tools) {
    requireFiniteWeights(subject)
    const layers = layersIn(subject, tools)
    const names = [...layers, ...tablesOf(subject, tools)]
    const kept = new Set(options.keepFloat.flatMap((pattern) => matchPattern(pattern, names, 'layer')))
    const changed = layers.filter((layer) => !kept.has(layer))
    const { bits, group } = options
    tools.note(
      `weightOnly: ${changed.length} of ${layers.length} layers with ${bits} bits a weight, groups of ${group}`,
    )
    return { ...subject, passes: [...subject.passes, weightOnlyPass(options, kept)] }
  },
}

const weightOnlyPass =
  ({ bits, group, symmetric }: WeightOnlyOptions, kept: ReadonlySet<string>): GraphPass =>
  (graph) => {
    const products = new Map<Node, Product>(productsOf(graph).map((product) => [product.node, product]))
    const leaves = new StoredLeaves(graph.weights)
    const rule: Rule = ({ inputs }, original) => {
      const product = products.get(original)
      if (!product || kept.has(product.layer)) return undefined
      const [x, , bias] = inputs as readonly [Tensor, Tensor, Tensor?]
      const y = productWithBits(product, x, { bits, block: group, symmetric }, leaves)
      return bias ? y.add(bias) : y
    }
    return { outputs: rewriteWith([rule, tableRule(leaves, kept)], graph.outputs), weights: leaves.weights }
  }

function productWithBits(
  product: Product,
  x: Tensor,
  options: Parameters<typeof blockCodes>[2],
  leaves: StoredLeaves,
): Tensor {
  const { layer, inputs, outputs } = product
  const { bits, block } = options
  let made: BlockCodes | undefined
  const coded = () => {
    made ??= blockCodes(rowsOf(product), inputs, options)
    return made
  }
  const blocks = Math.ceil(inputs / block)
  const codes = leaves.add(`${layer}.weight_int${bits}`, () =>
    hostArray('uint8', [outputs, blocks, (block * bits) / 8], coded().codes),
  )
  const scales = leaves.add(`${layer}.weight_scale`, () => float32([outputs * blocks], coded().scales))
  if (options.symmetric) return x.matmulBits(codes, scales, { bits, block })
  const zeros = leaves.add(`${layer}.weight_zero`, () => {
    const bytes = coded().zeroPoints!
    return hostArray('uint8', [bytes.length], bytes)
  })
  return x.matmulBits(codes, scales, { bits, block }, zeros)
}
