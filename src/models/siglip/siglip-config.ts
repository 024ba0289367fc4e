import type { ActivationName } from '../../nn/index.ts'
import { parseConfig } from '../parse-config.ts'
import { type PairedTowerSizes, towersOf } from '../towers/tower-sizes.ts'
import { type SiglipConfig, siglipConfig } from './config.ts'

/** Sizes of the towers. The space where they meet is as wide as the image tower, as in `SiglipModel`. */
export interface SiglipOptions extends PairedTowerSizes {
  /** Default `gelu_pytorch_tanh`, SigLIP's own. */
  readonly activation?: ActivationName
}

/**
 * A `SiglipModel` config from the sizes that matter, for the sigmoid loss (Zhai et al. 2023); the vocabulary is that of
 * the tokenizer it is used with.
 * @throws ConfigError `model/config` for sizes that no model can have.
 */
export function siglip({ activation = 'gelu_pytorch_tanh', ...sizes }: SiglipOptions): SiglipConfig {
  const { vision_config, text_config } = towersOf(sizes, activation)
  return parseConfig(siglipConfig, {
    vision_config,
    text_config: { ...text_config, projection_size: sizes.image.width },
  })
}
