import { z } from 'zod'
import { activationNames } from '../../nn/index.ts'
import { count, headsDivideWidth } from '../towers/config.ts'

const tower = {
  hidden_size: count.default(768),
  intermediate_size: count.default(3072),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(12),
  hidden_act: z.enum(activationNames).default('gelu_pytorch_tanh'),
  layer_norm_eps: z.number().positive().default(1e-6),
}

/** Keys and defaults of Hugging Face's `SiglipTextConfig`. */
const siglipTextConfig = z
  .object({
    ...tower,
    vocab_size: count.default(32000),
    max_position_embeddings: count.default(64),
    /** Width of the shared space; Hugging Face defaults it to hidden_size. */
    projection_size: count.nullish(),
    pad_token_id: z.int().nullish().default(1),
    bos_token_id: z.int().nullish().default(49406),
    eos_token_id: z.int().nullish().default(49407),
  })
  .superRefine(headsDivideWidth)
  .transform((config) => ({ ...config, projection_size: config.projection_size ?? config.hidden_size }))

/** Keys and defaults of Hugging Face's `SiglipVisionConfig`. */
const siglipVisionConfig = z
  .object({
    ...tower,
    num_channels: count.default(3),
    image_size: count.default(224),
    patch_size: count.default(16),
    vision_use_head: z
      .literal(true, 'without a head the image has no feature to compare with texts')
      .optional(),
  })
  .superRefine(headsDivideWidth)

/** Keys and defaults of Hugging Face's `SiglipConfig`; unknown keys of a file are dropped. */
export const siglipConfig = z.object({
  model_type: z.literal('siglip').default('siglip'),
  text_config: siglipTextConfig.prefault({}),
  vision_config: siglipVisionConfig.prefault({}),
})

export type SiglipConfig = z.infer<typeof siglipConfig>
export type SiglipTextConfig = SiglipConfig['text_config']
export type SiglipVisionConfig = SiglipConfig['vision_config']
