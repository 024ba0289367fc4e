import { type HostArray, zeros } from '../core/index.ts'
import { rewrite, type SymbolicSize, shrink, type Tensor, unpackRows } from '../graph/index.ts'
import { buildModel, type EndTokens, type Model } from '../models/index.ts'
import { namedParameters } from '../nn/index.ts'
import { addSlots, type SlotOptions } from './adapter-slots.ts'
import type { FamilyOptions } from './bundle.ts'
import { exportedGraphs } from './exported-graphs.ts'
import type { Weights } from './weights.ts'

/** A graph of a bundle as its ONNX file will have it: outputs by name, and the values of its leaves. */
export interface WeightedGraph {
  readonly outputs: Readonly<Record<string, Tensor>>
  readonly weights: ReadonlyMap<Tensor, HostArray>
}

/** A change of an exported graph that its model cannot say, such as products in int8. */
export type GraphPass = (graph: WeightedGraph, name: string) => WeightedGraph

/** A graph with all that its file holds. */
export interface FileGraph extends WeightedGraph {
  /** Values of inputs that need not be fed. */
  readonly defaults: ReadonlyMap<Tensor, HostArray>
  /** Sizes that stay free in the file. */
  readonly symbolicSizes: readonly SymbolicSize[]
}

/** Options of the graphs of a model's files. */
export interface FileGraphOptions extends FamilyOptions {
  /** Names of the files to make. Default: all. */
  readonly only?: readonly string[]
  /** Room for adapters, as inputs that need not be fed. Default: none. */
  readonly slots?: SlotOptions | undefined
  /** Changes of each graph, in their order. Default: none. */
  readonly passes?: readonly GraphPass[]
}

/** The graphs of a model's files, rewritten, with their weights. */
export function* weightedGraphs(
  model: Model,
  weights: Weights,
  tokens: EndTokens,
  { families, only, slots, passes = [] }: FileGraphOptions = {},
): Generator<[name: string, graph: FileGraph]> {
  const whole = slots ? addSlots(buildModel(model.config, { families }), slots) : model
  const parameters = [...namedParameters(whole)]
  const stored = new Map(
    parameters.flatMap(([name, { leaf }]) => {
      const value = weights.get(name)
      return value ? [[leaf, value] as const] : []
    }),
  )
  const defaults = new Map(
    parameters.flatMap(([name, { leaf, shape }]) =>
      weights.has(name) ? [] : [[leaf, zeros('float32', shape)] as const],
    ),
  )
  for (const [name, { outputs, symbolicSizes }] of Object.entries(exportedGraphs(whole, tokens, families))) {
    if (only && !only.includes(name)) continue
    const plain: WeightedGraph = { outputs: rewrite(unpackRows(shrink(outputs))), weights: stored }
    const passed = passes.reduce((graph, pass) => pass(graph, name), plain)
    yield [name, { ...passed, defaults, symbolicSizes }]
  }
}
