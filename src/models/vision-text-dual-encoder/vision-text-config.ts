import { parseConfig } from '../parse-config.ts'
import type { TextPooling } from '../towers/bert/bert-tower.ts'
import { type PairedTowerSizes, towersOf } from '../towers/tower-sizes.ts'
import { type VisionTextConfig, visionTextConfig } from './config.ts'

/** Sizes of {@link visionTextDualEncoder}. */
export interface VisionTextOptions {
  readonly image: PairedTowerSizes['image']
  /** `length` is the number of tokens of a text, the start and end tokens included. */
  readonly text: PairedTowerSizes['text'] & {
    /** Number of positions that the tower knows, as many as tokens or more. Default: `length`. */
    readonly positions?: number
  }
  /** Width of the space where both towers meet. Default 512. */
  readonly projection?: number
  /** First value of the similarities' factor; default 1/0.07. */
  readonly initialScale?: number
  /** Way from a text's tokens to its feature. Default `pooler`, that of `transformers`. */
  readonly pooling?: TextPooling
}

/**
 * A `VisionTextDualEncoderModel` config from the sizes that matter, with CLIP's image tower and BERT as the text tower;
 * the vocabulary is that of the tokenizer it is used with.
 * @throws ConfigError `model/config` for sizes that no model can have.
 */
export function visionTextDualEncoder({
  image,
  text: { positions, ...text },
  projection = 512,
  initialScale = 1 / 0.07,
  pooling = 'pooler',
}: VisionTextOptions): VisionTextConfig {
  const { vision_config } = towersOf({ image, text }, 'quick_gelu')
  const { text_config } = towersOf({ image, text: { ...text, length: positions ?? text.length } }, 'gelu')
  return parseConfig(visionTextConfig, {
    vision_config,
    text_config,
    projection_dim: projection,
    logit_scale_init_value: Math.log(initialScale),
    text_pooling: pooling,
    text_length: text.length,
  })
}
