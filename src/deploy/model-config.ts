import { CheckpointError } from '../core/index.ts'
import {
  clipConfig,
  isPolicy,
  type Model,
  type ModelConfig,
  policyConfig,
  siglipConfig,
} from '../models/index.ts'
import { parseFile } from './json-file.ts'

/** What `config.json` calls the class of a model. */
const architectures = {
  clip: 'CLIPModel',
  siglip: 'SiglipModel',
  visuomotor_policy: 'VisuomotorPolicy',
} as const

/**
 * The content of `config.json`. Of a dual encoder it is as Hugging Face writes it, so that
 * `CLIPModel.from_pretrained` builds this model, and `CLIPTextModelWithProjection` and its vision twin do, which
 * read the projection's width in their own part. A policy's towers are described as CLIP's.
 */
export function modelConfig(model: Model): object {
  const { config } = model
  const { model_type, text_config, vision_config } = config
  const width = 'projection_dim' in config ? { projection_dim: config.projection_dim } : {}
  const family = isPolicy(model) ? 'clip' : model_type
  return {
    architectures: [architectures[model_type]],
    ...config,
    dtype: 'float32',
    text_config: { ...text_config, ...width, model_type: `${family}_text_model` },
    vision_config: { ...vision_config, ...width, model_type: `${family}_vision_model` },
  }
}

/**
 * The config of a model from the content of a `config.json`.
 * @throws CheckpointError `bundle/model-type` or `bundle/config`, naming the file.
 */
export function parseModelConfig(content: unknown, file: string): ModelConfig {
  const type = (content as { model_type?: unknown } | null)?.model_type
  if (type === 'clip') return parseFile(clipConfig, content, file, 'bundle/config')
  if (type === 'siglip') return parseFile(siglipConfig, content, file, 'bundle/config')
  if (type === 'visuomotor_policy') return parseFile(policyConfig, content, file, 'bundle/config')
  const known = Object.keys(architectures)
    .map((name) => `"${name}"`)
    .join(', ')
  throw new CheckpointError(
    'bundle/model-type',
    `${file}: model_type is ${JSON.stringify(type)}, but only ${known} are known`,
    { file, modelType: type },
  )
}
