import type { z } from 'zod'
import { dualEncoder, type TowerSizes } from '../clip/dual-encoder-config.ts'
import { type headConfig, type PolicyConfig, policyConfig } from './config.ts'

export interface PolicyOptions {
  /** `size` is the side of the square input image in pixels, `patch` the side of a patch. */
  readonly image: TowerSizes & { readonly size: number; readonly patch: number }
  /** `length` is the number of tokens, the start and end tokens included. */
  readonly text: TowerSizes & { readonly length: number }
  readonly fusion: TowerSizes
  /** By name; see `headConfig`. */
  readonly heads: Readonly<Record<string, z.input<typeof headConfig>>>
  /** Places at which the read-out looks at once. Default 4. */
  readonly glances?: number
  /** Width of the layer that all heads share. Default 512. */
  readonly shared?: number
  /** Of the shared layer and the heads, in training. Default 0.1. */
  readonly dropout?: number
  /** Of the towers. Default `quick_gelu`, CLIP's own. */
  readonly activation?: 'quick_gelu' | 'gelu' | 'gelu_pytorch_tanh'
}

/** A policy's config from the sizes that matter; the vocabulary is that of the tokenizer it is used with. */
export function policy(options: PolicyOptions): PolicyConfig {
  const { fusion, heads, glances, shared, dropout, ...towers } = options
  const { vision_config, text_config } = dualEncoder(towers)
  return policyConfig.parse({
    vision_config,
    text_config,
    fusion_config: {
      hidden_size: fusion.width,
      intermediate_size: fusion.hidden ?? 4 * fusion.width,
      num_hidden_layers: fusion.depth,
      num_attention_heads: fusion.heads,
    },
    ...(glances !== undefined && { glances }),
    ...(shared !== undefined && { shared_size: shared }),
    ...(dropout !== undefined && { dropout }),
    heads,
  })
}
