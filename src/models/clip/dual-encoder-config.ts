import type { ActivationName } from '../../nn/index.ts'
import { parseConfig } from '../parse-config.ts'
import { type PairedTowerSizes, towersOf } from '../towers/tower-sizes.ts'
import { type ClipConfig, clipConfig } from './config.ts'

export interface DualEncoderOptions extends PairedTowerSizes {
  /** Width of the space where both towers meet. Default 512, CLIP's own. */
  readonly projection?: number
  /** First value of the similarities' factor; default 1/0.07. */
  readonly initialScale?: number
  /** Default `quick_gelu`, CLIP's own. */
  readonly activation?: ActivationName
}

/**
 * A `CLIPModel` config from the sizes that matter; the vocabulary is that of the tokenizer it is used with.
 * @throws ConfigError `model/config` for sizes that no model can have.
 */
export function dualEncoder(options: DualEncoderOptions): ClipConfig {
  const { projection = 512, initialScale = 1 / 0.07, activation = 'quick_gelu' } = options
  return parseConfig(clipConfig, {
    ...towersOf(options, activation),
    projection_dim: projection,
    logit_scale_init_value: Math.log(initialScale),
  })
}
