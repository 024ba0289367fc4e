import { concatenateRows, type HostArray, sliceRows, splitRows } from '../../../core/index.ts'
import type { ProgramValue } from '../../../engine/index.ts'
import { isSymbolic, type Tensor } from '../../../graph/index.ts'
import { isChunkPolicy, isPolicy, type PolicyValues } from '../../../models/index.ts'
import { namedParameters } from '../../../nn/index.ts'
import type { ModelDescription } from '../../bundle.ts'
import type { ChunkObservation } from '../../chunks/chunk-inputs.ts'
import { ChunkPolicyRuntime } from '../../chunks/chunk-policy-runtime.ts'
import { chunkProgramInputs } from '../../chunks/load-chunk-graph.ts'
import { DualEncoderRuntime } from '../../dual-encoder-runtime.ts'
import { exportedGraphs } from '../../exported-graphs.ts'
import { modelInputs, type RuntimeOptions } from '../../load-graphs.ts'
import { type Observation, PolicyRuntime } from '../../policy-runtime.ts'
import { readModelDescription } from '../../read-bundle.ts'
import type { Arrays, Batch, GraphDescription, Lane, Outcome, Work } from './lanes.ts'

/** A model in this process, and what can be asked of it. */
export interface LoadedModel {
  readonly graphs: readonly GraphDescription[]
  run(batch: Batch): Promise<readonly Outcome[]>
}

type Compute = (items: readonly never[]) => Promise<readonly unknown[]>

interface Computed {
  readonly graphs: readonly GraphDescription[]
  readonly lanes: Partial<Record<Lane, Compute>>
}

/**
 * Load the model of a bundle, a run or a folder of Hugging Face for the work of a server.
 * @throws Errors of `PolicyRuntime.load` and `DualEncoderRuntime.load`.
 */
export async function loadModel(directory: string, options: RuntimeOptions): Promise<LoadedModel> {
  const description = readModelDescription(directory, options)
  const load = isPolicy(description.model)
    ? loadPolicy
    : isChunkPolicy(description.model)
      ? loadChunkPolicy
      : loadDualEncoder
  const { graphs, lanes } = await load(directory, description, options)
  return { graphs, run: ({ lane, items }) => settle(lanes[lane] as Compute, items as readonly never[]) }
}

/** Answers to all items; where they fail together, each alone, so that one bad item is the error of no other. */
async function settle(compute: Compute, items: readonly never[]): Promise<readonly Outcome[]> {
  try {
    return (await compute(items)).map((answer) => ({ answer }))
  } catch (error) {
    if (items.length === 1) return [{ error }]
    const outcomes: Outcome[] = []
    for (const item of items) outcomes.push(...(await settle(compute, [item])))
    return outcomes
  }
}

async function loadPolicy(
  directory: string,
  description: ModelDescription,
  options: RuntimeOptions,
): Promise<Computed> {
  // Words that the policy does not know are told and counted by the server, in its own process.
  const runtime = await PolicyRuntime.load(directory, { ...options, onNote: () => {} })
  const graph = graphOf('model', description, (model) => [model.image, model.text])
  const widths = new Map(graph.outputs.map(({ name, shape }) => [name, shape.slice(1) as number[]]))
  const run = async (feeds: Arrays): Promise<Arrays> => {
    const values = await runtime.runner.run(feeds.pixel_values!, feeds.input_ids!)
    const rows = feeds.input_ids!.shape[0]!
    return Object.fromEntries(
      flattened(values).map(([name, data]) => [name, rowsOf(data, [rows, ...widths.get(name)!])]),
    )
  }
  return {
    graphs: [graph],
    lanes: {
      act: (items: readonly Observation[]) => runtime.predictAll(items),
      'graph:model': (items: readonly Arrays[]) => inRows(items, run),
    },
  }
}

async function loadChunkPolicy(
  directory: string,
  description: ModelDescription,
  options: RuntimeOptions,
): Promise<Computed> {
  const runtime = await ChunkPolicyRuntime.load(directory, { ...options, onNote: () => {} })
  const { chunk_size, action_size } = runtime.config
  const graph = graphOf('model', description, () => chunkProgramInputs(runtime.config))
  const run = async (feeds: Arrays): Promise<Arrays> => {
    const rows = Object.values(feeds)[0]!.shape[0]!
    return { action: rowsOf(await runtime.runner.run(feeds), [rows, chunk_size, action_size]) }
  }
  return {
    graphs: [graph],
    lanes: {
      chunk: (items: readonly ChunkObservation[]) => runtime.predictAll(items),
      'graph:model': (items: readonly Arrays[]) => inRows(items, run),
    },
  }
}

const flattened = ({ heads, attention }: PolicyValues): (readonly [string, Float32Array])[] => [
  ...Object.entries(heads).flatMap(([head, values]) =>
    Object.entries(values).map(([output, data]) => [`${head}.${output}`, data] as const),
  ),
  ['attention', attention],
]

async function loadDualEncoder(
  directory: string,
  description: ModelDescription,
  options: RuntimeOptions,
): Promise<Computed> {
  const runtime = await DualEncoderRuntime.load(directory, options)
  const { runner } = runtime
  const image = unitVectors(
    graphOf('vision_model', description, (model) => [model.image]),
    'image_embeds',
  )
  const text = unitVectors(
    graphOf('text_model', description, (model) => [model.text]),
    'text_embeds',
  )
  const one = (input: string, output: string, encode: (array: HostArray) => Promise<Float32Array>) => {
    return async (feeds: Arrays): Promise<Arrays> => {
      const rows = feeds[input]!.shape[0]!
      const data = await encode(feeds[input]!)
      return { [output]: rowsOf(data, [rows, data.length / rows]) }
    }
  }
  const images = one('pixel_values', 'image_embeds', (array) => runner.encodeImages(array))
  const texts = one('input_ids', 'text_embeds', (array) => runner.encodeTexts(array))
  return {
    graphs: [image, text],
    lanes: {
      image: async (items: readonly Work['image']['item'][]) =>
        splitRows(await runtime.embedImages(items), items.length),
      text: async (items: readonly string[]) => splitRows(await runtime.embedTexts(items), items.length),
      'graph:vision_model': (items: readonly Arrays[]) => inRows(items, images),
      'graph:text_model': (items: readonly Arrays[]) => inRows(items, texts),
    },
  }
}

/** The graph of a tower, whose feature is normalized here and has the name that unit vectors have in `model.onnx`. */
function unitVectors(
  { name, inputs, outputs: [feature] }: GraphDescription,
  output: string,
): GraphDescription {
  return { name, inputs, outputs: [{ ...feature!, name: output }] }
}

/** Run a graph once for the rows of all items. */
async function inRows(
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

const rowsOf = (data: Float32Array, shape: readonly number[]): HostArray => ({
  dtype: 'float32',
  shape,
  data,
})

function graphOf(
  name: string,
  { model, tokenizer }: ModelDescription,
  inputs: (values: ReturnType<typeof modelInputs>) => readonly ProgramValue[],
): GraphDescription {
  namedParameters(model) // gives the leaves of the graph their names
  const { outputs } = exportedGraphs(model, tokenizer)[name]!
  const described = Object.entries(outputs).map(([output, { dtype, shape }]: [string, Tensor]) => ({
    name: output,
    dtype,
    shape: shape.map((size) => (isSymbolic(size) ? undefined : size)),
  }))
  return { name, inputs: inputs(modelInputs(model)), outputs: described }
}
