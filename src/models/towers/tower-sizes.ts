import type { ActivationName } from '../../nn/index.ts'

export interface TowerSizes {
  readonly width: number
  readonly depth: number
  readonly heads: number
  /** Width of the hidden layer of the MLPs; default 4 × width. */
  readonly hidden?: number
}

/** Sizes of an image tower and a text tower. */
export interface PairedTowerSizes {
  /** `size` is the side of the square input image in pixels, `patch` the side of a patch. */
  readonly image: TowerSizes & { readonly size: number; readonly patch: number }
  /** `length` is the number of tokens, the start and end tokens included. */
  readonly text: TowerSizes & { readonly length: number }
}

/** The configs of both towers, without the family's own keys. */
export function towersOf({ image, text }: PairedTowerSizes, activation: ActivationName) {
  const tower = (sizes: TowerSizes) => ({ ...transformerSizes(sizes), hidden_act: activation })
  return {
    vision_config: { ...tower(image), image_size: image.size, patch_size: image.patch },
    text_config: { ...tower(text), max_position_embeddings: text.length },
  }
}

/** Sizes under the keys of a config. */
export const transformerSizes = ({ width, depth, heads, hidden = 4 * width }: TowerSizes) => ({
  hidden_size: width,
  intermediate_size: hidden,
  num_hidden_layers: depth,
  num_attention_heads: heads,
})
