import type { PackedRows, Tensor } from '../../../graph/index.ts'
import { Embedding, LayerNorm, Module, normalInit } from '../../../nn/index.ts'
import type { BertConfig } from './config.ts'

/** Standard deviation of BERT's initial weights. */
export const initialDeviation = 0.02

/** Word, position and segment vectors, added up and normalized. Texts have one segment, number 0. */
export class BertEmbeddings extends Module {
  readonly wordEmbeddings: Embedding
  readonly positionEmbeddings: Embedding
  readonly tokenTypeEmbeddings: Embedding
  // Hugging Face spells it so.
  readonly LayerNorm: LayerNorm

  constructor(config: BertConfig) {
    super()
    const { vocab_size, max_position_embeddings, type_vocab_size, hidden_size: width } = config
    const init = normalInit(initialDeviation)
    this.wordEmbeddings = new Embedding(vocab_size, width, { init })
    this.positionEmbeddings = new Embedding(max_position_embeddings, width, { init })
    this.tokenTypeEmbeddings = new Embedding(type_vocab_size, width, { init })
    this.LayerNorm = new LayerNorm(width, config.layer_norm_eps)
  }

  /** [batch, length] int64 → the tokens that are kept, [rows, width]. */
  forward(inputIds: Tensor, packed: PackedRows): Tensor {
    const length = inputIds.shape[1]!
    const words = this.wordEmbeddings.forward(inputIds) // [batch, length, width]
    const segment = this.tokenTypeEmbeddings.weight.tensor.slice(0, 0, 1) // [1, width]
    const positions = this.positionEmbeddings.weight.tensor.slice(0, 0, length) // [length, width]
    return this.LayerNorm.forward(packed.pack(words.add(segment).add(positions)))
  }
}
