import type { Tensor } from '../../graph/index.ts'
import { CrossAttentionLayer, LayerNorm, Linear, Module, normalInit } from '../../nn/index.ts'
import { transformerOptions } from '../towers/config.ts'
import type { FusionConfig } from './config.ts'

/** Tokens of an image and of a text in one width. */
export interface Fused {
  /** [images, patches, width] */
  readonly patches: Tensor
  /** The chosen words, after attention to the image: [batch, chosen, width]. */
  readonly words: Tensor
}

/**
 * Layers in which the words of a command attend to each other and then to the patches of an image. Each layer is one
 * step of an argument, so that "the cup left of the box" can find the box first.
 *
 * The patches are keys and values only. A transformer over both sequences would compute every patch again for every
 * command; here a layer costs the few words and one projection of the image.
 */
export class Fusion extends Module {
  readonly imageProjection: Linear
  readonly textProjection: Linear
  readonly layers: readonly CrossAttentionLayer[]
  readonly finalLayerNorm: LayerNorm

  constructor(
    config: FusionConfig,
    { imageWidth, textWidth }: { readonly imageWidth: number; readonly textWidth: number },
  ) {
    super()
    const width = config.hidden_size
    const options = transformerOptions(config)
    this.imageProjection = new Linear(imageWidth, width, { init: normalInit(imageWidth ** -0.5) })
    this.textProjection = new Linear(textWidth, width, { init: normalInit(textWidth ** -0.5) })
    this.layers = Array.from({ length: options.depth }, () => new CrossAttentionLayer(options))
    this.finalLayerNorm = new LayerNorm(width, config.layer_norm_eps)
  }

  /**
   * @param image [images, patches, imageWidth]; each run of batch/images texts belongs to one image.
   * @param text [batch, length, textWidth]
   * @param mask Mask of the words' scores among each other, broadcastable to [batch, heads, length, length].
   * @param choose Selection of the words to return; the last layer still attends to the others. Default: all.
   */
  forward(image: Tensor, text: Tensor, mask: Tensor, choose = (words: Tensor) => words): Fused {
    const patches = this.imageProjection.forward(image) // [images, patches, width]
    const last = this.layers.at(-1)
    const words = this.layers.reduce(
      (tokens, layer) => layer.forward(tokens, patches, { mask, choose: layer === last ? choose : (x) => x }),
      this.textProjection.forward(text),
    ) // [batch, chosen, width]
    return { patches, words: this.finalLayerNorm.forward(words) }
  }
}
