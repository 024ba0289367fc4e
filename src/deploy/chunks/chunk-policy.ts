import { CheckpointError } from '../../core/index.ts'
import { type ChunkPolicyModel, isChunkPolicy } from '../../models/index.ts'
import type { ModelDescription } from '../bundle.ts'

/** The description of a model that acts in chunks. @throws CheckpointError `bundle/model-type` for another. */
export function requireChunkPolicy(
  description: ModelDescription,
  directory: string,
): ModelDescription<ChunkPolicyModel> {
  const { model } = description
  if (isChunkPolicy(model)) return { ...description, model }
  const { model_type } = model.config
  throw new CheckpointError(
    'bundle/model-type',
    `${directory} holds a ${model_type} model, which answers no chunks of actions: take the run or bundle of a chunk_policy`,
    { directory, modelType: model_type },
  )
}
