import { z } from 'zod'
import { activationNames } from '../../nn/index.ts'

const count = z.number().int().positive()

const tower = {
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  hidden_act: z.enum(activationNames).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
}

/** Keys and defaults of Hugging Face's `CLIPTextConfig`. */
export const clipTextConfig = z.object({
  ...tower,
  hidden_size: count.default(512),
  intermediate_size: count.default(2048),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(8),
  vocab_size: count.default(49408),
  max_position_embeddings: count.default(77),
  bos_token_id: z.number().int().nullish().default(49406),
  eos_token_id: z.number().int().default(49407),
  pad_token_id: z.number().int().nullish().default(1),
})

/** Keys and defaults of Hugging Face's `CLIPVisionConfig`. */
export const clipVisionConfig = z.object({
  ...tower,
  hidden_size: count.default(768),
  intermediate_size: count.default(3072),
  num_hidden_layers: count.default(12),
  num_attention_heads: count.default(12),
  num_channels: count.default(3),
  image_size: count.default(224),
  patch_size: count.default(32),
})

/** Keys and defaults of Hugging Face's `CLIPConfig`; unknown keys of a file are left aside. */
export const clipConfig = z.object({
  model_type: z.literal('clip').default('clip'),
  text_config: clipTextConfig.prefault({}),
  vision_config: clipVisionConfig.prefault({}),
  projection_dim: count.default(512),
  logit_scale_init_value: z.number().default(2.6592),
})

export type ClipConfig = z.infer<typeof clipConfig>
export type ClipTextConfig = ClipConfig['text_config']
export type ClipVisionConfig = ClipConfig['vision_config']
