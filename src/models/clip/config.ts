import { z } from 'zod'
import { clipTextConfig, clipVisionConfig, count } from '../towers/config.ts'

/** Keys and defaults of Hugging Face's `CLIPConfig`; unknown keys of a file are dropped. */
export const clipConfig = z.object({
  model_type: z.literal('clip').default('clip'),
  text_config: clipTextConfig.prefault({}),
  vision_config: clipVisionConfig.prefault({}),
  projection_dim: count.default(512),
  logit_scale_init_value: z.number().default(2.6592),
})

export type ClipConfig = z.infer<typeof clipConfig>
