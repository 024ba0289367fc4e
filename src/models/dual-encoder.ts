import type { Tensor } from '../graph/index.ts'
import type { Module } from '../nn/index.ts'

/** A model with an image tower and a text tower that meet in one space: what contrastive training needs. */
export interface DualEncoder extends Module {
  readonly config: DualEncoderConfig
  /** [batch, channels, height, width] → [batch, projection], not normalized. */
  encodeImage(pixelValues: Tensor): Tensor
  /** [batch, length] int64 (and a 0/1 mask of the same shape) → [batch, projection], not normalized. */
  encodeText(inputIds: Tensor, attentionMask?: Tensor): Tensor
  /** The factor of the similarities, a scalar: exp of the learned logarithm; CLIP's is at most 100. */
  scale(): Tensor
  /** The offset of the similarities in the sigmoid loss; undefined for CLIP. */
  bias(): Tensor | undefined
}

/** What code outside the model asks of its config, whichever family it is. */
export interface DualEncoderConfig {
  readonly model_type: 'clip' | 'siglip'
  readonly vision_config: {
    readonly image_size: number
    readonly num_channels: number
    readonly patch_size: number
  }
  readonly text_config: { readonly vocab_size: number; readonly max_position_embeddings: number }
}

/**
 * exp(logarithm), at most 100 (Radford et al. 2021, section 2.5). Above the limit the gradient still reaches
 * the parameter, so that it can come back down.
 */
export function clampedScale(logarithm: Tensor): Tensor {
  const excess = logarithm.sub(Math.log(100)).relu().detach()
  return logarithm.sub(excess).exp()
}
