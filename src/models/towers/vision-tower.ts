import type { Tensor } from '../../graph/index.ts'
import { LayerNorm, Module, type Reading, Transformer } from '../../nn/index.ts'
import { type ClipVisionConfig, transformerOptions } from './config.ts'
import type { MaskedTokens, VisiblePatches } from './masked-tokens.ts'
import { type VisionEmbeddingOptions, VisionEmbeddings } from './vision-embeddings.ts'

/** A vision transformer (Dosovitskiy et al. 2021). CLIP's has a class token, and a norm before its encoder. */
export class VisionTower extends Module {
  readonly embeddings: VisionEmbeddings
  // Hugging Face spells it so.
  readonly preLayrnorm?: LayerNorm
  readonly encoder: Transformer
  readonly postLayernorm: LayerNorm

  /** @param options `preNorm`: true where the embeddings are normalized before the encoder. */
  constructor(
    config: ClipVisionConfig,
    { preNorm, ...embeddings }: VisionEmbeddingOptions & { readonly preNorm: boolean },
  ) {
    super()
    this.embeddings = new VisionEmbeddings(config, embeddings)
    if (preNorm) this.preLayrnorm = new LayerNorm(config.hidden_size, config.layer_norm_eps)
    this.encoder = new Transformer(transformerOptions(config))
    this.postLayernorm = new LayerNorm(config.hidden_size, config.layer_norm_eps)
  }

  /** The patches, not pooled, row by row, normalized as the feature is: [batch, patches, width]; the visible ones only. */
  patches(pixelValues: Tensor, hidden?: MaskedTokens | VisiblePatches): Tensor {
    const first = this.embeddings.classEmbedding ? 1 : 0
    const patches = first > 0 ? { choose: (x: Tensor) => x.slice(1, first, x.shape[1]!) } : undefined
    return this.postLayernorm.forward(this.encode(pixelValues, patches, hidden))
  }

  /** @param reading Selection of tokens. Default: all. @returns [batch, chosen, width], not normalized. */
  protected encode(pixelValues: Tensor, reading?: Reading, hidden?: MaskedTokens | VisiblePatches): Tensor {
    const embedded = this.embeddings.forward(pixelValues, hidden) // [batch, tokens, width]
    const tokens = this.preLayrnorm ? this.preLayrnorm.forward(embedded) : embedded
    return this.encoder.forward(tokens, {}, reading)
  }
}
