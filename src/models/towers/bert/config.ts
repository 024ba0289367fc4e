import { z } from 'zod'
import { activationNames } from '../../../nn/index.ts'
import { count, headsDivideWidth } from '../config.ts'

/** Keys and defaults of Hugging Face's `BertConfig`, of an encoder. */
export const bertConfig = z
  .object({
    model_type: z.literal('bert', 'only BERT is known (bert)').default('bert'),
    vocab_size: count.default(30522),
    hidden_size: count.default(768),
    num_hidden_layers: count.default(12),
    num_attention_heads: count.default(12),
    intermediate_size: count.default(3072),
    hidden_act: z.enum(activationNames).default('gelu'),
    max_position_embeddings: count.default(512),
    type_vocab_size: count.default(2),
    layer_norm_eps: z.number().positive().default(1e-12),
    /** Token that fills rows; it is not seen. */
    pad_token_id: z.int().nonnegative().default(0),
    position_embedding_type: z
      .literal('absolute', 'only learned positions ("absolute") can be read')
      .default('absolute'),
    is_decoder: z
      .literal(false, 'a decoder sees only what stands before a token; a text tower sees all of the text')
      .default(false),
  })
  .superRefine(headsDivideWidth)

export type BertConfig = z.infer<typeof bertConfig>
