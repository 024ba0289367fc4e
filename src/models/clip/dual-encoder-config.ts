import { type ClipConfig, type ClipTextConfig, clipConfig, clipTextConfig } from './config.ts'

export interface TowerSizes {
  readonly width: number
  readonly depth: number
  readonly heads: number
  /** Width of the hidden layer of the MLPs; default 4 × width. */
  readonly hidden?: number
}

export interface DualEncoderOptions {
  /** `size` is the side of the square input image in pixels, `patch` the side of a patch. */
  readonly image: TowerSizes & { readonly size: number; readonly patch: number }
  /** `length` is the number of tokens, the start and end tokens included. */
  readonly text: TowerSizes & { readonly length: number }
  /** Width of the space where both towers meet. Default 512, CLIP's own. */
  readonly projection?: number
  /** First value of the similarities' factor; default 1/0.07. */
  readonly initialScale?: number
  /** Default `quick_gelu`, CLIP's own. */
  readonly activation?: 'quick_gelu' | 'gelu' | 'gelu_pytorch_tanh'
}

/** A `CLIPModel` config from the sizes that matter; the vocabulary is that of the tokenizer it is used with. */
export function dualEncoder(options: DualEncoderOptions): ClipConfig {
  const { projection = 512, initialScale = 1 / 0.07, activation = 'quick_gelu' } = options
  return clipConfig.parse({
    ...towersOf(options, activation),
    projection_dim: projection,
    logit_scale_init_value: Math.log(initialScale),
  })
}

/** The configs of both towers, without what is the family's own. */
export function towersOf(
  { image, text }: Pick<DualEncoderOptions, 'image' | 'text'>,
  activation: DualEncoderOptions['activation'],
) {
  const tower = ({ width, depth, heads, hidden = 4 * width }: TowerSizes) => ({
    hidden_size: width,
    intermediate_size: hidden,
    num_hidden_layers: depth,
    num_attention_heads: heads,
    hidden_act: activation,
  })
  return {
    vision_config: { ...tower(image), image_size: image.size, patch_size: image.patch },
    text_config: { ...tower(text), max_position_embeddings: text.length },
  }
}

/** The ids of a tokenizer that a text tower must know. */
export interface Vocabulary {
  readonly vocabularySize: number
  readonly startId: number | undefined
  readonly endId: number | undefined
  readonly padId: number
}

/** The config, that of a CLIP model or of one with its text tower, for texts of this tokenizer. */
export function withVocabulary<Config extends { readonly text_config: ClipTextConfig }>(
  config: Config,
  tokenizer: Vocabulary,
): Config {
  const { vocabularySize, startId = null, endId, padId } = tokenizer
  const ids = { vocab_size: vocabularySize, bos_token_id: startId, eos_token_id: endId, pad_token_id: padId }
  return { ...config, text_config: clipTextConfig.parse({ ...config.text_config, ...ids }) }
}
