import { z } from 'zod'
import { activationNames, type TransformerOptions } from '../../nn/index.ts'

export const count = z.int().positive()

/** Sizes of a transformer, as Hugging Face's configs name them. */
export interface TransformerConfig {
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  readonly hidden_act: TransformerOptions['activation']
  readonly layer_norm_eps: number
}

/** The sizes of a transformer from its config. */
export const transformerOptions = (config: TransformerConfig): TransformerOptions => ({
  width: config.hidden_size,
  hidden: config.intermediate_size,
  heads: config.num_attention_heads,
  depth: config.num_hidden_layers,
  activation: config.hidden_act,
  epsilon: config.layer_norm_eps,
})

/** Refine the schema of a transformer's config: its heads share the width evenly. */
export function headsDivideWidth(
  { hidden_size, num_attention_heads }: TransformerConfig,
  { addIssue }: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  if (hidden_size % num_attention_heads === 0) return
  const message = `${num_attention_heads} does not divide hidden_size ${hidden_size}`
  addIssue({ code: 'custom', message, path: ['num_attention_heads'] })
}

const tower = {
  hidden_act: z.enum(activationNames).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
}

/** Keys and defaults of Hugging Face's `CLIPTextConfig`. */
export const clipTextConfig = z
  .object({
    hidden_size: count.default(512),
    intermediate_size: count.default(2048),
    num_hidden_layers: count.default(12),
    num_attention_heads: count.default(8),
    ...tower,
    vocab_size: count.default(49408),
    max_position_embeddings: count.default(77),
    bos_token_id: z.int().nullish().default(49406),
    eos_token_id: z.int().default(49407),
    pad_token_id: z.int().nullish().default(1),
  })
  .superRefine(headsDivideWidth)

/** Keys and defaults of Hugging Face's `CLIPVisionConfig`. */
export const clipVisionConfig = z
  .object({
    hidden_size: count.default(768),
    intermediate_size: count.default(3072),
    num_hidden_layers: count.default(12),
    num_attention_heads: count.default(12),
    ...tower,
    num_channels: count.default(3),
    image_size: count.default(224),
    patch_size: count.default(32),
  })
  .superRefine(headsDivideWidth)

export type ClipTextConfig = z.infer<typeof clipTextConfig>
export type ClipVisionConfig = z.infer<typeof clipVisionConfig>
