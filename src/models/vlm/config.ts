import { z } from 'zod'
import { activationNames } from '../../nn/index.ts'
import { clipConfig } from '../clip/config.ts'
import type { ModelConfig } from '../family.ts'
import { dropRate } from '../policy/heads/keys.ts'
import { count, headsDivideWidth } from '../towers/config.ts'

const layers = {
  hidden_act: z.enum(activationNames).default('gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
}

const ratio = z.number().positive().lt(1)

/** Masked modelling: a transformer over the tokens of image and text, and heads that reconstruct both. */
const maskedConfig = z
  .strictObject({
    hidden_size: count.default(768),
    intermediate_size: count.default(3072),
    num_hidden_layers: count.default(6),
    num_attention_heads: count.default(12),
    ...layers,
    /** Dropout rate in training of what each attention and MLP adds. */
    dropout: dropRate.default(0.1),
    /** Fraction of an image's patches that are masked, rounded to a number of patches. */
    patch_ratio: ratio.default(0.15),
    /** Fraction of a text's words that are masked, rounded to a number of tokens: at least one, and of several not all. */
    token_ratio: ratio.default(0.15),
    /**
     * `replaced`: a learned vector stands before the image tower in the place of a masked patch. `dropped`: the image tower
     * reads the visible patches only, and the vector stands before the fusion.
     */
    patches: z.enum(['replaced', 'dropped']).default('replaced'),
    /** Prediction for a masked patch: its normalized pixels, or its features by a frozen copy of the image tower. */
    target: z.enum(['pixels', 'features']).default('pixels'),
  })
  .superRefine(headsDivideWidth)

/** Captioning: a decoder whose words attend to the image. */
const decoderConfig = z
  .strictObject({
    hidden_size: count.default(768),
    intermediate_size: count.default(3072),
    num_hidden_layers: count.default(6),
    num_attention_heads: count.default(12),
    ...layers,
  })
  .superRefine(headsDivideWidth)

/** Keys of the config of a model with CLIP's towers, and by config masked modelling and captioning. */
export const vlmConfig = z
  .object({
    ...clipConfig.shape,
    model_type: z.literal('visuomotor_vlm').default('visuomotor_vlm'),
    masked_config: maskedConfig.nullable().default(null),
    decoder_config: decoderConfig.nullable().default(null),
  })
  .superRefine(someAreMasked)

export type VlmConfig = z.infer<typeof vlmConfig>
export type MaskedConfig = z.infer<typeof maskedConfig>
export type DecoderConfig = z.infer<typeof decoderConfig>

/** Number of patches of an image, and of those that are masked. */
export function patchCounts({
  vision_config: { image_size, patch_size },
  masked_config: { patch_ratio },
}: {
  readonly vision_config: VlmConfig['vision_config']
  readonly masked_config: Pick<MaskedConfig, 'patch_ratio'>
}): { readonly patches: number; readonly masked: number } {
  const patches = Math.floor(image_size / patch_size) ** 2
  return { patches, masked: Math.round(patch_ratio * patches) }
}

/** Refine the schema: the masks of an image leave something to see, and something to reconstruct. */
function someAreMasked(
  { vision_config, masked_config }: Pick<VlmConfig, 'vision_config' | 'masked_config'>,
  { addIssue }: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  if (!masked_config) return
  const { patches, masked } = patchCounts({ vision_config, masked_config })
  if (masked > 0 && masked < patches) return
  const what = masked === 0 ? 'none' : 'all'
  addIssue({
    code: 'custom',
    path: ['masked_config', 'patch_ratio'],
    message:
      `${masked_config.patch_ratio} masks ${what} of the ${patches} patches of an image: take another ratio, or smaller ` +
      'patches (vision_config.patch_size)',
  })
}

/** A config with masked modelling. */
export interface ConfigWithMasks extends ModelConfig {
  readonly masked_config: MaskedConfig
}

/** A config with a decoder. */
export interface ConfigWithDecoder extends ModelConfig {
  readonly decoder_config: DecoderConfig
}

/** Tell a config of a model that reconstructs what is masked, of any family. */
export const hasMasks = (config: ModelConfig): config is ConfigWithMasks =>
  'masked_config' in config && config.masked_config !== null

/** Tell a config of a model that captions images, of any family. */
export const hasDecoder = (config: ModelConfig): config is ConfigWithDecoder =>
  'decoder_config' in config && config.decoder_config !== null
