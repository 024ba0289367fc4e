import { z } from 'zod'
import { activationNames } from '../../nn/index.ts'
import { clipTextConfig, clipVisionConfig, count, headsDivideWidth } from '../towers/config.ts'
import { headConfig } from './heads/index.ts'
import { dropRate } from './heads/keys.ts'

/** Sizes of the layers in which the words attend to the image. */
export const fusionConfig = z
  .strictObject({
    hidden_size: count.default(192),
    intermediate_size: count.default(768),
    num_hidden_layers: count.default(2),
    num_attention_heads: count.default(6),
    hidden_act: z.enum(activationNames).default('gelu'),
    layer_norm_eps: z.number().positive().default(1e-5),
  })
  .superRefine(headsDivideWidth)

/** Heads by name. */
export const headConfigs = z.record(
  z.string().regex(/^[a-z][a-zA-Z0-9]*$/, 'letters and digits, a small letter first'),
  headConfig,
)

/** Keys of a policy's `config.json`. The towers have the keys of Hugging Face's `CLIPConfig`. */
export const policyConfig = z.object({
  model_type: z.literal('visuomotor_policy').default('visuomotor_policy'),
  text_config: clipTextConfig.prefault({}),
  vision_config: clipVisionConfig.prefault({}),
  fusion_config: fusionConfig.prefault({}),
  /** Number of places that the read-out attends to at once. */
  glances: count.default(4),
  /** Width of the layer that all heads share. */
  shared_size: count.default(512),
  /** Dropout rate of the shared layer and of the heads in training. */
  dropout: dropRate.default(0.1),
  heads: headConfigs.refine((heads) => Object.keys(heads).length > 0, 'at least one head'),
})

export type PolicyConfig = z.infer<typeof policyConfig>
export type FusionConfig = PolicyConfig['fusion_config']
