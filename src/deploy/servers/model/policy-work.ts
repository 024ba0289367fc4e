import type { PolicyValues } from '../../../models/index.ts'
import type { ModelDescription } from '../../bundle.ts'
import type { ChunkObservation } from '../../chunks/chunk-inputs.ts'
import { ChunkPolicyRuntime } from '../../chunks/chunk-policy-runtime.ts'
import type { RuntimeOptions } from '../../load-graphs.ts'
import { type Observation, PolicyRuntime } from '../../policy-runtime.ts'
import { describedGraph, inRows, type ModelWork, rowsOf } from './graph-work.ts'
import type { Arrays } from './lanes.ts'

/** Work of a policy with heads: answers to an image and a command, and its graph. */
export async function policyWork(
  directory: string,
  description: ModelDescription,
  options: RuntimeOptions,
): Promise<ModelWork> {
  // Words that the policy does not know are told and counted by the server, in its own process.
  const runtime = await PolicyRuntime.load(directory, { ...options, onNote: () => {} })
  const graph = describedGraph('model', description, options)
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
      act: (items: readonly Observation[]) => runtime.answerAll(items),
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

/** Work of a policy that acts in chunks: chunks for observations, and its graph. */
export async function chunkPolicyWork(
  directory: string,
  description: ModelDescription,
  options: RuntimeOptions,
): Promise<ModelWork> {
  const runtime = await ChunkPolicyRuntime.load(directory, { ...options, onNote: () => {} })
  const { chunk_size, action_size } = runtime.config
  const run = async (feeds: Arrays): Promise<Arrays> => {
    const rows = Object.values(feeds)[0]!.shape[0]!
    return { action: rowsOf(await runtime.runner.run(feeds), [rows, chunk_size, action_size]) }
  }
  return {
    graphs: [describedGraph('model', description, options)],
    lanes: {
      chunk: (items: readonly ChunkObservation[]) => runtime.predictAll(items),
      'graph:model': (items: readonly Arrays[]) => inRows(items, run),
    },
  }
}
