import { z } from 'zod'
import { textPoolings } from '../towers/bert/bert-tower.ts'
import { bertConfig } from '../towers/bert/config.ts'
import { clipVisionConfig, count } from '../towers/config.ts'

/**
 * Keys and defaults of Hugging Face's `VisionTextDualEncoderConfig` with CLIP's image tower and BERT's text tower, and
 * two of our own; unknown keys of a file are dropped.
 */
export const visionTextConfig = z
  .object({
    model_type: z.literal('vision-text-dual-encoder').default('vision-text-dual-encoder'),
    text_config: bertConfig.prefault({}),
    vision_config: clipVisionConfig
      .safeExtend({
        model_type: z
          .literal('clip_vision_model', "only CLIP's image tower is known (clip_vision_model)")
          .default('clip_vision_model'),
      })
      .prefault({}),
    projection_dim: count.default(512),
    logit_scale_init_value: z.number().default(2.6592),
    /** Way from a text's tokens to its feature. The class of `transformers` knows `pooler` only. */
    text_pooling: z.enum(textPoolings).default('pooler'),
    /** Tokens of a text, the start and end tokens included. Default: as many as there are positions. */
    text_length: count.optional(),
  })
  .superRefine(({ text_length, text_config }, { addIssue }) => {
    const longest = text_config.max_position_embeddings
    if (text_length === undefined || text_length <= longest) return
    const message = `${text_length} tokens are more than text_config.max_position_embeddings, ${longest}`
    addIssue({ code: 'custom', message, path: ['text_length'] })
  })

export type VisionTextConfig = z.infer<typeof visionTextConfig>
