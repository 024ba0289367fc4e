import { concatenateRows, EngineError, type HostArray, RequestError, sliceRows } from '../../../core/index.ts'
import { type ProgramValue, toHost } from '../../../engine/index.ts'
import { is, isSymbolic, type Tensor, topologicalOrder } from '../../../graph/index.ts'
import type { ExportedGraph, Model } from '../../../models/index.ts'
import { namedParameters } from '../../../nn/index.ts'
import type { ModelDescription } from '../../bundle.ts'
import { exportedGraphs } from '../../exported-graphs.ts'
import { type LoadedGraph, loadGraphs, type RuntimeOptions } from '../../load-graphs.ts'
import type { Arrays, GraphDescription, Lane } from './lanes.ts'

/** Function that computes items of one lane together. */
export type Compute = (items: readonly never[]) => Promise<readonly unknown[]>

/** Work that a loaded model does: the graphs that are offered to clients, and what each lane computes. */
export interface ModelWork {
  readonly graphs: readonly GraphDescription[]
  readonly lanes: Partial<Record<Lane, Compute>>
}

/**
 * Graphs of a model of any family, by the names of their inputs and outputs.
 * @param names Names of their files. Default: all that the family exports.
 * @throws Errors of {@link loadGraphs}.
 */
export async function graphWork(
  directory: string,
  description: ModelDescription,
  options: RuntimeOptions,
  names: readonly string[] = Object.keys(graphsOf(description, options)),
): Promise<ModelWork> {
  const graphs = names.map((name) => describedGraph(name, description, options))
  const inputs = Object.fromEntries(graphs.map((graph) => [graph.name, graph.inputs]))
  const loaded = await loadGraphs(directory, description, inputs, options)
  const lanes = graphs.map((graph) => {
    const run = runnerOf(loaded[graph.name]!, graph)
    const compute = graph.isOfSamples
      ? (items: readonly Arrays[]) => inRows(items, run)
      : async (items: readonly Arrays[]) => {
          const answers: Arrays[] = []
          for (const item of items) answers.push(await run(item))
          return answers
        }
    return [`graph:${graph.name}`, compute] as const
  })
  return { graphs, lanes: Object.fromEntries(lanes) }
}

const graphsOf = ({ model, tokenizer }: ModelDescription, { families }: RuntimeOptions) => {
  namedParameters(model) // gives the leaves of the graphs their names
  return exportedGraphs(model, tokenizer, families)
}

/** Description of a graph that a model's family exports. */
export function describedGraph(
  name: string,
  description: ModelDescription,
  options: RuntimeOptions,
): GraphDescription {
  const graph = graphsOf(description, options)[name]!
  const inputs = fedInputs(description.model, graph)
  const outputs = Object.entries(graph.outputs)
  const sizes = [...inputs, ...outputs].map(([, { shape }]) => shape[0])
  const vocabulary = description.tokenizer.vocabularySize
  return {
    name,
    inputs: inputs.map(describedValue),
    outputs: outputs.map(describedValue),
    isOfSamples: sizes.every((size) => size === sizes[0] && size !== undefined && isSymbolic(size)),
    ranges: inputs.some(([input]) => input === 'input_ids') ? { input_ids: [0, vocabulary - 1] } : {},
  }
}

const describedValue = ([name, { dtype, shape }]: readonly [
  string,
  Pick<Tensor, 'dtype' | 'shape'>,
]): ProgramValue => ({
  name,
  dtype,
  shape: shape.map((size) => (isSymbolic(size) ? undefined : size)),
})

/** The inputs of a graph that are no parameters of its model. */
function fedInputs(model: Model, { outputs }: ExportedGraph) {
  const parameters = new Set(Array.from(namedParameters(model).values(), ({ leaf }) => leaf.node))
  return topologicalOrder(Object.values(outputs)).flatMap((node) =>
    is(node, 'input') && !parameters.has(node) ? [[node.attributes.name, node.attributes] as const] : [],
  )
}

/** Run of a graph. @throws RequestError `serve/tensor` for what ONNX Runtime cannot compute. */
function runnerOf({ program }: LoadedGraph, { name, outputs }: GraphDescription) {
  return async (feeds: Arrays): Promise<Arrays> => {
    const results = await program.run(feeds).catch((cause: unknown) => {
      if (!(cause instanceof EngineError) || cause.code !== 'engine/run') throw cause
      const message = `${name} cannot be computed with these tensors: ${cause.message}`
      throw new RequestError('serve/tensor', message, { graph: name }, { cause })
    })
    const arrays = await Promise.all(
      outputs.map(async (output) => {
        const result = results[output.name]!
        const data = await toHost(result, output.dtype)
        return [output.name, { dtype: output.dtype, shape: result.dims, data }] as const
      }),
    )
    return Object.fromEntries(arrays)
  }
}

/** Run a graph once for the rows of all items. */
export async function inRows(
  items: readonly Arrays[],
  run: (feeds: Arrays) => Promise<Arrays>,
): Promise<readonly Arrays[]> {
  const [first] = items
  if (items.length === 1) return [await run(first!)]
  const names = Object.keys(first!)
  const joined = names.map((name) => [name, concatenateRows(items.map((item) => item[name]!))] as const)
  const results = Object.entries(await run(Object.fromEntries(joined)))
  let end = 0
  return items.map((item) => {
    const start = end
    end += item[names[0]!]!.shape[0]!
    return Object.fromEntries(results.map(([name, array]) => [name, sliceRows(array, start, end)]))
  })
}

/** Values of a known shape as an array. */
export const rowsOf = (data: Float32Array, shape: readonly number[]): HostArray => ({
  dtype: 'float32',
  shape,
  data,
})
