import type { Misfit, ModelInputs, ModelParts, Vocabulary } from '../family.ts'
import { type ClipTextConfig, clipTextConfig } from './config.ts'

/** A config with an image tower and a text tower, under Hugging Face's keys. */
export interface PairedTowersConfig {
  readonly vision_config: {
    readonly image_size: number
    readonly num_channels: number
    readonly patch_size: number
  }
  readonly text_config: { readonly vocab_size: number; readonly max_position_embeddings: number }
}

/** Inputs of a model with both towers. */
export const pairedInputs = ({ vision_config, text_config }: PairedTowersConfig): ModelInputs => ({
  image: {
    size: vision_config.image_size,
    channels: vision_config.num_channels,
    patch: vision_config.patch_size,
  },
  text: { length: text_config.max_position_embeddings },
})

/** The config with both towers of another one. */
export function takeTowers<Config extends { readonly vision_config: object; readonly text_config: object }>(
  config: Config,
  { vision_config, text_config }: Pick<Config, 'vision_config' | 'text_config'>,
): Config {
  return { ...config, text_config, vision_config }
}

/** The config of a model with CLIP's text tower, adapted to texts of this tokenizer. */
export function withVocabulary<Config extends { readonly text_config: ClipTextConfig }>(
  config: Config,
  tokenizer: Vocabulary,
): Config {
  const { vocabularySize, startId = null, endId, padId } = tokenizer
  const ids = { vocab_size: vocabularySize, bos_token_id: startId, eos_token_id: endId, pad_token_id: padId }
  return { ...config, text_config: clipTextConfig.parse({ ...config.text_config, ...ids }) }
}

/** Both towers in Hugging Face's form: each part names its own type, and repeats the keys that both share. */
export const describedTowers = <
  Config extends { readonly vision_config: object; readonly text_config: object },
>(
  { vision_config, text_config }: Config,
  family: string,
  shared: object = {},
) => ({
  text_config: { ...text_config, ...shared, model_type: `${family}_text_model` },
  vision_config: { ...vision_config, ...shared, model_type: `${family}_vision_model` },
})

/** A tokenizer with more tokens than the text tower knows. */
export function vocabularyMisfit({ config, tokenizer }: ModelParts<PairedTowersConfig>): Misfit | undefined {
  const { vocab_size } = config.text_config
  if (tokenizer.vocabularySize <= vocab_size) return undefined
  const message = `the tokenizer has ${tokenizer.vocabularySize} tokens, but text_config.vocab_size is ${vocab_size}`
  return { code: 'bundle/tokenizer', message, facts: { vocab_size } }
}

/** A tokenizer that fills texts with another token than the one that the tower does not see. */
export function paddingMisfit({
  config,
  tokenizer: { padId },
}: ModelParts<{ readonly text_config: { readonly pad_token_id: number } }>): Misfit | undefined {
  const { pad_token_id } = config.text_config
  if (padId === pad_token_id) return undefined
  const message = `the tokenizer fills texts with ${padId}, but text_config.pad_token_id, which the model does not see, is ${pad_token_id}`
  return { code: 'bundle/tokenizer', message, facts: { padId, pad_token_id } }
}

/** A tokenizer that does not end texts where the tower reads its feature. */
export function endTokenMisfit({
  config,
  tokenizer: { endId },
}: ModelParts<{ readonly text_config: Pick<ClipTextConfig, 'eos_token_id'> }>): Misfit | undefined {
  const end = config.text_config.eos_token_id
  // Configs from before 2023 say 2 and mean the largest id.
  if (end === 2 || end === endId) return undefined
  const message = `the tokenizer ends texts with ${endId}, but text_config.eos_token_id, where the model reads its feature, is ${end}`
  return { code: 'bundle/tokenizer', message, facts: { endId, end } }
}

/** Images that are not of the image tower's size. */
export function imageSizeMisfit({ config, image }: ModelParts<PairedTowersConfig>): Misfit | undefined {
  const { image_size } = config.vision_config
  if (image.size === image_size) return undefined
  const message = `images are prepared at ${image.size} pixels, but vision_config.image_size is ${image_size}`
  return { code: 'bundle/image-size', message, facts: { size: image.size } }
}
