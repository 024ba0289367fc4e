import { causalMask, paddingMask, type Tensor } from '../../graph/index.ts'
import { LayerNorm, Module, Transformer } from '../../nn/index.ts'
import { type TransformerConfig, transformerOptions } from './config.ts'
import type { MaskedTokens } from './masked-tokens.ts'
import { TextEmbeddings } from './text-embeddings.ts'

/** Sizes of a text tower. */
export interface TextTowerConfig extends TransformerConfig {
  readonly vocab_size: number
  readonly max_position_embeddings: number
}

/** Options for reading texts with a text tower. */
export interface TextReading {
  /** Attention mask [batch, length]: 1 at tokens that are seen, 0 at padding. Default: all are seen. */
  readonly attentionMask?: Tensor | undefined
  /** Tokens that are replaced before the encoder. Default: none. */
  readonly masked?: MaskedTokens | undefined
}

/** A transformer over the tokens of a text. */
export class TextTower extends Module {
  readonly embeddings: TextEmbeddings
  readonly encoder: Transformer
  readonly finalLayerNorm: LayerNorm
  readonly #causal: boolean
  readonly #longest: number

  /** @param options `causal`: true where a token attends only to itself and to tokens before it. */
  constructor(config: TextTowerConfig, { causal }: { readonly causal: boolean }) {
    super()
    this.embeddings = new TextEmbeddings(config)
    this.encoder = new Transformer(transformerOptions(config))
    this.finalLayerNorm = new LayerNorm(config.hidden_size, config.layer_norm_eps)
    this.#causal = causal
    this.#longest = config.max_position_embeddings
  }

  /** Every token, not pooled, normalized as the feature is: [batch, length, width]. */
  tokens(inputIds: Tensor, reading?: TextReading): Tensor {
    return this.finalLayerNorm.forward(this.encode(inputIds, reading))
  }

  /** Every token, not normalized: [batch, length, width]. */
  protected encode(inputIds: Tensor, { attentionMask, masked }: TextReading = {}): Tensor {
    const causal = this.#causal ? causalMask(inputIds.shape[1]!, this.#longest) : undefined // [length, length]
    const padding = attentionMask && paddingMask(attentionMask) // [batch, 1, 1, length]
    const mask = causal && padding ? causal.add(padding) : (causal ?? padding)
    return this.encoder.forward(this.embeddings.forward(inputIds, masked), { mask })
  }
}
