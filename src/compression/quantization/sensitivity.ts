import { hostArray } from '../../core/index.ts'
import { constant, input, type Node, type Rule, rewriteWith, type Tensor } from '../../graph/index.ts'
import type { Tools } from '../method.ts'
import type { Range } from './activation-codes.ts'
import { columnFactors, throughCodes, weightCodes } from './integer-product.ts'
import { withProgram } from './observe.ts'
import type { ObservedGraph } from './observed-graphs.ts'
import { OutputError } from './output-error.ts'
import type { Int8Plan, LayerPlan } from './plan-int8.ts'
import type { Product } from './products.ts'
import { StoredLeaves } from './stored-leaves.ts'

/** Loss of a model when one of its layers is computed in int8. */
export interface LayerSensitivity {
  readonly layer: string
  /** Signal to noise of the worst output in decibels, 10·log₁₀(Σy² / Σ(ŷ − y)²): lower is worse. */
  readonly signalToNoise: number
  /** Least cosine of an output with that of the float model, over all samples. */
  readonly cosine: number
  readonly range: Range
  /** Exponent of the layer's smoothing; undefined for none. */
  readonly alpha: number | undefined
}

/** Samples on which sensitivity is measured. */
const measuredSamples = 64

/**
 * Sensitivity of each layer of a plan: outputs of the model with this layer alone in int8 beside those of the model in float, on
 * the first 64 samples. The most sensitive come first.
 */
export async function layerSensitivities(plan: Int8Plan, tools: Tools): Promise<LayerSensitivity[]> {
  const errors = new Map<string, OutputError>()
  for (const observed of plan.observation.graphs) await measure(observed, plan, tools, errors)
  return Array.from(errors, ([layer, error]) => {
    const { range, alpha } = plan.layers.get(layer)!
    return { layer, signalToNoise: error.signalToNoise, cosine: error.cosine, range, alpha }
  }).sort((a, b) => a.signalToNoise - b.signalToNoise)
}

const off = hostArray('bool', [], Uint8Array.of(0))
const on = hostArray('bool', [], Uint8Array.of(1))

async function measure(
  observed: ObservedGraph,
  plan: Int8Plan,
  tools: Tools,
  errors: Map<string, OutputError>,
): Promise<void> {
  const { outputs, graph, flags } = switchedGraph(observed, plan)
  const allOff = Object.fromEntries(Array.from(flags.values(), (flag) => [flag, off]))
  await withProgram(outputs, { ...observed, graph }, tools, async (run) => {
    let samples = 0
    for await (const batch of tools.batches()) {
      const exact = await run(batch, allOff)
      for (const [layer, flag] of flags) {
        const error = errors.get(layer) ?? new OutputError()
        errors.set(layer, error)
        error.add(observed.name, exact, await run(batch, { ...allOff, [flag]: on }))
      }
      samples += batch.ids.length
      if (samples >= measuredSamples) break
    }
  })
}

/** A graph in which each layer has a switch: what is fed to it decides if the layer is computed in int8. */
function switchedGraph({ graph, points }: ObservedGraph, { layers }: Int8Plan) {
  const leaves = new StoredLeaves(graph.weights)
  const products = new Map<Node, Product>(
    points.flatMap((point) => point.products.map((product) => [product.node, product])),
  )
  const flags = new Map<string, string>()
  const rule: Rule = ({ inputs }, original) => {
    const product = products.get(original)
    const plan = product && layers.get(product.layer)
    if (!plan) return undefined
    const name = `int8/${product.layer}`
    flags.set(product.layer, name)
    return switchedProduct(
      product,
      plan,
      inputs as readonly [Tensor, Tensor, Tensor?],
      input(name, [], 'bool'),
      leaves,
    )
  }
  const outputs = rewriteWith([rule], graph.outputs)
  return { outputs, flags, graph: { ...graph, weights: leaves.weights } }
}

/** A product that is computed with the numbers that codes stand for where `flag` is true, else in float. */
function switchedProduct(
  product: Product,
  { activations, ...weights }: LayerPlan,
  [x, matrix, bias]: readonly [Tensor, Tensor, Tensor?],
  flag: Tensor,
  leaves: StoredLeaves,
): Tensor {
  const { layer, inputs, outputs, isTransposed } = product
  const { smoothing } = weights
  const factors = smoothing && constant(columnFactors(smoothing))
  const coded = throughCodes(factors ? x.div(factors) : x, activations)
  const codes = weightCodes(product, weights)
  const stored = leaves.add(`${layer}.codes`, () => hostArray('int8', [inputs, outputs], codes.codes))
  const scales = constant(hostArray('float32', [outputs], codes.scales))
  const zero = constant(hostArray('int8', [outputs], new Int8Array(outputs)))
  const numbers = stored.dequantize(scales, zero, 1)
  const a = flag.where(factors ? coded.mul(factors) : coded, x)
  const w = flag.where(
    factors ? numbers.div(factors.reshape([inputs, 1])) : numbers,
    isTransposed ? matrix.transpose() : matrix,
  )
  const y = a.matmul(w)
  return bias ? y.add(bias) : y
}
