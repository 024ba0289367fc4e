import { CheckpointError } from '../core/index.ts'
import {
  isMaskedModel,
  type MaskedRunner,
  maskedRunner,
  patchCounts,
  type VlmModel,
} from '../models/index.ts'
import type { ModelDescription } from './bundle.ts'
import { loadGraphs, modelInputs, type RuntimeOptions } from './load-graphs.ts'
import { readModelDescription } from './read-bundle.ts'

/** A model that reconstructs what is masked, ready to run. */
export interface LoadedMaskedModel {
  readonly description: ModelDescription<VlmModel>
  readonly runner: MaskedRunner
}

/**
 * Load a model that reconstructs masked patches and words: a bundle, whose ONNX file `masked_model` runs, or a run, which is
 * exported in memory.
 * @throws CheckpointError `bundle/model-type` for a model without masked modelling; errors of `readBundle` and of its
 * files as `DualEncoderRuntime.load` has them.
 */
export async function loadMaskedModel(
  directory: string,
  options: RuntimeOptions = {},
): Promise<LoadedMaskedModel> {
  const read = readModelDescription(directory, options)
  const { model } = read
  if (!isMaskedModel(model))
    throw new CheckpointError(
      'bundle/model-type',
      `${directory} holds a ${model.config.model_type} model that reconstructs nothing: its config needs a masked_config, ` +
        "and it is trained with the objective 'masked'",
      { directory, modelType: model.config.model_type },
    )
  const description = { ...read, model }
  const { image, text } = modelInputs(model)
  const { vision_config, masked_config } = model.config
  const { patches, masked } = patchCounts({ vision_config, masked_config: masked_config! })
  const masks = [
    { name: 'visible_patches', dtype: 'int64', shape: [undefined, patches - masked] },
    { name: 'masked_tokens', dtype: 'int64', shape: [undefined, undefined] },
    { name: 'image_seen', dtype: 'float32', shape: [undefined] },
  ] as const
  const inputs = { masked_model: [image, text, ...masks] }
  const { masked_model } = await loadGraphs(directory, description, inputs, options)
  return { description, runner: maskedRunner((feeds) => masked_model.program.run(feeds)) }
}
