import { ClipModel } from './clip/clip-model.ts'
import type { ClipConfig } from './clip/config.ts'
import type { DualEncoder } from './dual-encoder.ts'
import type { PolicyConfig } from './policy/config.ts'
import { PolicyModel } from './policy/policy-model.ts'
import type { Recompute } from './recompute.ts'
import type { SiglipConfig } from './siglip/config.ts'
import { SiglipModel } from './siglip/siglip-model.ts'

/** Whatever can be trained by a recipe and shipped in a bundle. */
export type Model = DualEncoder | PolicyModel
export type ModelConfig = ClipConfig | SiglipConfig | PolicyConfig

export const isPolicy = (model: Model): model is PolicyModel => model instanceof PolicyModel

/**
 * The model of a config, without weights.
 * @param options `recompute`: layers to compute again in the backward pass; default none.
 */
export function buildModel(config: ModelConfig, options: { readonly recompute?: Recompute } = {}): Model {
  if (config.model_type === 'clip') return new ClipModel(config, options)
  if (config.model_type === 'siglip') return new SiglipModel(config, options)
  return new PolicyModel(config, options)
}
