import { z } from 'zod'
import { CheckpointError, type WeightDType, weightDTypes } from '../core/index.ts'
import {
  families as builtIn,
  type Families,
  familyOf,
  type Model,
  type ModelConfig,
  prunedOf,
  prunedSchema,
} from '../models/index.ts'
import { parseFile } from './json-file.ts'

/**
 * The content of `config.json`. For a dual encoder it is in Hugging Face's form, so that `CLIPModel.from_pretrained`
 * builds this model, and `CLIPTextModelWithProjection` and its vision twin build its towers. What it has lost beyond that
 * stands under `pruned`.
 */
export function modelConfig(model: Model, families?: Families, dtype: WeightDType = 'float32'): object {
  const { pruned: _, ...config } = model.config
  const { architecture, configFile } = familyOf(config.model_type, families)
  const pruned = prunedOf(model)
  return { architectures: [architecture], ...configFile(config), ...(pruned && { pruned }), dtype }
}

/** The precision of weights that a `config.json` names; float32 where it names none that is known. */
export const dtypeOf = (content: unknown): WeightDType =>
  weightDTypes.find((dtype) => dtype === (content as { dtype?: unknown }).dtype) ?? 'float32'

/** Schema of the key that stands beside those of a family. */
const removed = z.object({ pruned: prunedSchema.optional() })

/**
 * The config of a model from the content of a `config.json`.
 * @throws CheckpointError `bundle/model-type` or `bundle/config`, naming the file.
 */
export function parseModelConfig(content: unknown, file: string, families: Families = builtIn): ModelConfig {
  const type = (content as { model_type?: unknown } | null)?.model_type
  const family = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined
  if (family) {
    const current = family.fromOlderForm?.(content as object) ?? content
    const { pruned } = parseFile(removed, content, file, 'bundle/config')
    const config = parseFile(family.schema, current, file, 'bundle/config')
    return pruned ? { ...config, pruned } : config
  }
  const known = Object.keys(families)
    .map((name) => `"${name}"`)
    .join(', ')
  throw new CheckpointError(
    'bundle/model-type',
    `${file}: model_type is ${JSON.stringify(type)}, but only ${known} are known`,
    { file, modelType: type },
  )
}
