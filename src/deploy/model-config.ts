import { CheckpointError } from '../core/index.ts'
import { ClipModel, clipConfig, type DualEncoder, SiglipModel, siglipConfig } from '../models/index.ts'
import { parseFile } from './json-file.ts'

/**
 * The content of `config.json` as Hugging Face writes it, so that `CLIPModel.from_pretrained` builds this model,
 * and `CLIPTextModelWithProjection` and its vision twin do, which read the projection's width in their own part.
 */
export function modelConfig({ config }: DualEncoder): object {
  const { model_type, text_config, vision_config } = config
  const width = 'projection_dim' in config ? { projection_dim: config.projection_dim } : {}
  return {
    architectures: [model_type === 'clip' ? 'CLIPModel' : 'SiglipModel'],
    ...config,
    dtype: 'float32',
    text_config: { ...text_config, ...width, model_type: `${model_type}_text_model` },
    vision_config: { ...vision_config, ...width, model_type: `${model_type}_vision_model` },
  }
}

/**
 * The model that a `config.json` describes, without weights.
 * @throws CheckpointError `bundle/model-type` or `bundle/config`, naming the file.
 */
export function modelOf(content: unknown, file: string): DualEncoder {
  const type = (content as { model_type?: unknown } | null)?.model_type
  if (type === 'clip') return new ClipModel(parseFile(clipConfig, content, file, 'bundle/config'))
  if (type === 'siglip') return new SiglipModel(parseFile(siglipConfig, content, file, 'bundle/config'))
  throw new CheckpointError(
    'bundle/model-type',
    `${file}: model_type is ${JSON.stringify(type)}, but only "clip" and "siglip" are known`,
    { file, modelType: type },
  )
}
