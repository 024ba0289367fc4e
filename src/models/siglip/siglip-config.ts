import { type DualEncoderOptions, towersOf } from '../clip/dual-encoder-config.ts'
import { type SiglipConfig, siglipConfig } from './config.ts'

/** Sizes of the towers. The space where they meet is as wide as the image tower, as in `SiglipModel`. */
export interface SiglipOptions extends Pick<DualEncoderOptions, 'image' | 'text'> {
  /** Default `gelu_pytorch_tanh`, SigLIP's own. */
  readonly activation?: DualEncoderOptions['activation']
}

/**
 * A `SiglipModel` config from the sizes that matter, whose model learns by the sigmoid loss (Zhai et al. 2023); the
 * vocabulary is that of the tokenizer it is used with.
 */
export function siglip({ activation = 'gelu_pytorch_tanh', ...sizes }: SiglipOptions): SiglipConfig {
  const { vision_config, text_config } = towersOf(sizes, activation)
  return siglipConfig.parse({
    vision_config,
    text_config: { ...text_config, projection_size: sizes.image.width },
  })
}
