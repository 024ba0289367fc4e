import { causalMask, paddingMask, positions, type Tensor } from '../../graph/index.ts'
import { Embedding, LayerNorm, Module, normalInit, Transformer, type Wrap } from '../../nn/index.ts'
import type { ClipTextConfig } from './config.ts'
import { transformerOptions } from './vision-tower.ts'

/** Token and position vectors. */
export class TextEmbeddings extends Module {
  readonly tokenEmbedding: Embedding
  readonly positionEmbedding: Embedding

  constructor(config: { vocab_size: number; hidden_size: number; max_position_embeddings: number }) {
    super()
    const init = normalInit(0.02)
    this.tokenEmbedding = new Embedding(config.vocab_size, config.hidden_size, { init })
    this.positionEmbedding = new Embedding(config.max_position_embeddings, config.hidden_size, { init })
  }

  forward(inputIds: Tensor): Tensor {
    const length = inputIds.shape[1]!
    const positions = this.positionEmbedding.weight.tensor.slice(0, 0, length) // [length, width]
    return this.tokenEmbedding.forward(inputIds).add(positions) // [batch, length, width]
  }
}

/** CLIP's text tower: a causal transformer whose feature is the end token's. */
export class ClipTextTower extends Module {
  readonly embeddings: TextEmbeddings
  readonly encoder: Transformer
  readonly finalLayerNorm: LayerNorm
  readonly #endToken: number
  readonly #longest: number

  constructor(config: ClipTextConfig, wrap?: Wrap) {
    super()
    this.embeddings = new TextEmbeddings(config)
    this.encoder = new Transformer(transformerOptions(config), wrap)
    this.finalLayerNorm = new LayerNorm(config.hidden_size, config.layer_norm_eps)
    this.#endToken = config.eos_token_id
    this.#longest = config.max_position_embeddings
  }

  forward(inputIds: Tensor, attentionMask?: Tensor): Tensor {
    const [batch, length] = inputIds.shape as readonly [number, number]
    const causal = causalMask(length, this.#longest) // [length, length]
    const end = this.endPosition(inputIds) // [batch, 1, length]
    const seenFromEnd = end.reshape([batch, length]).gemm(causal).reshape([batch, 1, 1, length])
    const padding = attentionMask && paddingMask(attentionMask) // [batch, 1, 1, length]
    const masked = (mask: Tensor) => (padding ? mask.add(padding) : mask)
    const feature = this.encoder.forward(this.embeddings.forward(inputIds), masked(causal), {
      choose: (tokens) => end.matmul(tokens),
      mask: masked(seenFromEnd),
    }) // [batch, 1, width]
    return this.finalLayerNorm.forward(feature.reshape([batch, feature.shape[2]!])) // [batch, width]
  }

  /**
   * Every token, not pooled, normalized as the feature is: [batch, length, width]. Words see no padding, for it comes
   * behind them.
   */
  tokens(inputIds: Tensor): Tensor {
    const causal = causalMask(inputIds.shape[1]!, this.#longest) // [length, length]
    return this.finalLayerNorm.forward(this.encoder.forward(this.embeddings.forward(inputIds), causal))
  }

  /** One-hot rows [batch, 1, length] at the first end token. Configs from before 2023 say 2: the largest id. */
  endPosition(inputIds: Tensor): Tensor {
    const [batch, length] = inputIds.shape as readonly [number, number]
    const score = this.#endToken === 2 ? inputIds : inputIds.equal(this.#endToken).cast('int32')
    const position = score.argMax(1).cast('float32').reshape([batch, 1])
    const everyPosition = positions(length, this.#longest).reshape([1, length])
    return everyPosition.equal(position).cast('float32').reshape([batch, 1, length])
  }
}
