import type { DualEncoderOptions } from '../clip/dual-encoder-config.ts'
import { parseConfig } from '../parse-config.ts'
import { type TowerSizes, towersOf, transformerSizes } from '../towers/tower-sizes.ts'
import { type VlmConfig, vlmConfig } from './config.ts'

/** Options of masked modelling. */
export interface MaskedSizes extends TowerSizes {
  /** Dropout rate in training. Default 0.1. */
  readonly dropout?: number
  /** Fraction of the patches that are masked. Default 0.15. */
  readonly patchRatio?: number
  /** Fraction of the words that are masked: at least one, and of several not all. Default 0.15. */
  readonly tokenRatio?: number
  /** Masked patches are `replaced` before the image tower, or `dropped`. Default `replaced`. */
  readonly patches?: 'replaced' | 'dropped'
  /** Prediction for a masked patch: normalized `pixels`, or `features` of a frozen copy. Default `pixels`. */
  readonly target?: 'pixels' | 'features'
}

/** Sizes of a model with CLIP's towers and, where they are given, further parts. */
export interface VlmOptions extends DualEncoderOptions {
  /** Transformer over image and text, and heads for what is masked. Default: none. */
  readonly masked?: MaskedSizes
  /** Decoder of captions. Default: none. */
  readonly decoder?: TowerSizes
}

/**
 * The config of a model that compares images with texts and, as asked, reconstructs masked patches and words and writes
 * captions; the vocabulary is that of the tokenizer it is used with.
 * @throws ConfigError `model/config` for sizes that no model can have, and masks that cover all or nothing.
 */
export function vlm(options: VlmOptions): VlmConfig {
  const { projection = 512, initialScale = 1 / 0.07, activation = 'quick_gelu', masked, decoder } = options
  return parseConfig(vlmConfig, {
    ...towersOf(options, activation),
    projection_dim: projection,
    logit_scale_init_value: Math.log(initialScale),
    ...(masked && { masked_config: maskedKeys(masked) }),
    ...(decoder && { decoder_config: transformerSizes(decoder) }),
  })
}

function maskedKeys({ dropout, patchRatio, tokenRatio, patches, target, ...sizes }: MaskedSizes): object {
  const keys = { dropout, patch_ratio: patchRatio, token_ratio: tokenRatio, patches, target }
  const given = Object.entries(keys).filter(([, value]) => value !== undefined)
  return { ...transformerSizes(sizes), ...Object.fromEntries(given) }
}
