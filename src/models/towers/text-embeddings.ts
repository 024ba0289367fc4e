import type { Tensor } from '../../graph/index.ts'
import { Embedding, Module, normalInit } from '../../nn/index.ts'
import { type MaskedTokens, replaceMasked } from './masked-tokens.ts'

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

  /** @param masked Tokens whose vectors are replaced; they keep their positions. Default: none. */
  forward(inputIds: Tensor, masked?: MaskedTokens): Tensor {
    const length = inputIds.shape[1]!
    const positions = this.positionEmbedding.weight.tensor.slice(0, 0, length) // [length, width]
    const tokens = replaceMasked(this.tokenEmbedding.forward(inputIds), masked)
    return tokens.add(positions) // [batch, length, width]
  }
}
