import { type ProgramValue, toHost } from '../../engine/index.ts'
import {
  type ChunkPolicyConfig,
  type ChunkPolicyModel,
  type ChunkRunner,
  chunkGraphInputs,
  chunkInputShapes,
} from '../../models/index.ts'
import type { ModelDescription } from '../bundle.ts'
import { loadGraphs, type RuntimeOptions } from '../load-graphs.ts'

/** The inputs of a policy's graph, for any number of observations. */
export const chunkProgramInputs = (config: ChunkPolicyConfig): readonly ProgramValue[] =>
  Object.entries(chunkInputShapes(config)).map(([name, shape]) => ({
    name,
    dtype: name === chunkGraphInputs.text ? 'int64' : 'float32',
    shape: [undefined, ...shape],
  }))

/** The ONNX file of a policy, `model`, ready to run. @throws Errors of {@link loadGraphs}. */
export async function loadChunkGraph(
  directory: string,
  description: ModelDescription<ChunkPolicyModel>,
  options: RuntimeOptions,
): Promise<ChunkRunner> {
  const inputs = chunkProgramInputs(description.model.config)
  const { model } = await loadGraphs(directory, description, { model: inputs }, options)
  return { run: async (feeds) => toHost((await model.program.run(feeds)).action!, 'float32') }
}
