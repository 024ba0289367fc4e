import type { Tensor } from '../../graph/index.ts'
import {
  Embedding,
  LayerNorm,
  Module,
  normalInit,
  Parameter,
  PatchEmbedding,
  Transformer,
  type TransformerOptions,
  type Wrap,
} from '../../nn/index.ts'
import type { ClipVisionConfig } from './config.ts'

/** A class token and the image's patches, with learned positions. */
class VisionEmbeddings extends Module {
  readonly classEmbedding: Parameter
  readonly patchEmbedding: PatchEmbedding
  readonly positionEmbedding: Embedding

  constructor(config: ClipVisionConfig) {
    super()
    const width = config.hidden_size
    const patches = Math.floor(config.image_size / config.patch_size) ** 2
    this.classEmbedding = new Parameter([width], normalInit(width ** -0.5))
    this.patchEmbedding = new PatchEmbedding(config.num_channels, width, config.patch_size, {
      init: normalInit(0.02),
    })
    this.positionEmbedding = new Embedding(patches + 1, width, { init: normalInit(0.02) })
  }

  forward(pixelValues: Tensor): Tensor {
    const patches = this.patchEmbedding.forward(pixelValues) // [batch, patches, width]
    const [batch, , width] = patches.shape as readonly [number, number, number]
    const classToken = this.classEmbedding.tensor.reshape([1, 1, width]).expand([batch, 1, width])
    return classToken.concat([patches], 1).add(this.positionEmbedding.weight.tensor) // [batch, 1 + patches, width]
  }
}

/** CLIP's image tower: a vision transformer (Dosovitskiy et al. 2021) whose class token is the feature. */
export class ClipVisionTower extends Module {
  readonly embeddings: VisionEmbeddings
  // Hugging Face spells it so.
  readonly preLayrnorm: LayerNorm
  readonly encoder: Transformer
  readonly postLayernorm: LayerNorm

  constructor(config: ClipVisionConfig, wrap?: Wrap) {
    super()
    this.embeddings = new VisionEmbeddings(config)
    this.preLayrnorm = new LayerNorm(config.hidden_size, config.layer_norm_eps)
    this.encoder = new Transformer(transformerOptions(config), wrap)
    this.postLayernorm = new LayerNorm(config.hidden_size, config.layer_norm_eps)
  }

  forward(pixelValues: Tensor): Tensor {
    const embedded = this.#embed(pixelValues)
    const first = { choose: (tokens: Tensor) => tokens.slice(1, 0, 1) }
    const classToken = this.encoder.forward(embedded, undefined, first) // [batch, 1, width]
    return this.postLayernorm.forward(classToken.reshape([embedded.shape[0]!, embedded.shape[2]!])) // [batch, width]
  }

  /** The patches, not pooled, row by row; normalized as the feature is. */
  patches(pixelValues: Tensor): Tensor {
    const embedded = this.#embed(pixelValues)
    const others = { choose: (tokens: Tensor) => tokens.slice(1, 1, tokens.shape[1]!) }
    return this.postLayernorm.forward(this.encoder.forward(embedded, undefined, others)) // [batch, patches, width]
  }

  #embed(pixelValues: Tensor): Tensor {
    return this.preLayrnorm.forward(this.embeddings.forward(pixelValues)) // [batch, 1 + patches, width]
  }
}

/** The sizes of a tower's transformer from its Hugging Face config. */
export const transformerOptions = (config: {
  hidden_size: number
  intermediate_size: number
  num_attention_heads: number
  num_hidden_layers: number
  hidden_act: TransformerOptions['activation']
  layer_norm_eps: number
}): TransformerOptions => ({
  width: config.hidden_size,
  hidden: config.intermediate_size,
  heads: config.num_attention_heads,
  depth: config.num_hidden_layers,
  activation: config.hidden_act,
  epsilon: config.layer_norm_eps,
})
