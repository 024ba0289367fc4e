import { PackedRows, paddingMask, type Tensor } from '../../../graph/index.ts'
import { type Linear, Module, type Reading, type Seeing } from '../../../nn/index.ts'
import { BertEmbeddings } from './bert-embeddings.ts'
import { BertLayer, bertLinear } from './bert-layer.ts'
import type { BertConfig } from './config.ts'

/**
 * Ways from the states of a text's tokens to its feature: `pooler`, BERT's own, is tanh of a linear map of the first
 * token; `mean` is the mean of the tokens that are seen, as sentence-transformers' models are meant.
 */
export const textPoolings = ['pooler', 'mean'] as const

export type TextPooling = (typeof textPoolings)[number]

class BertEncoder extends Module {
  readonly layer: readonly BertLayer[]

  constructor(config: BertConfig) {
    super()
    this.layer = Array.from({ length: config.num_hidden_layers }, () => new BertLayer(config))
  }

  /** @param last Reading of the last layer, whose tokens are chosen. */
  forward(tokens: Tensor, seeing: Seeing, last: Reading['choose']): Tensor {
    const all = (x: Tensor) => x
    for (const layer of this.layer)
      tokens = layer.forward(tokens, { ...seeing, choose: layer === this.layer.at(-1) ? last : all })
    return tokens
  }
}

class BertPooler extends Module {
  readonly dense: Linear

  constructor({ hidden_size: width }: BertConfig) {
    super()
    this.dense = bertLinear(width, width)
  }

  forward(first: Tensor): Tensor {
    return this.dense.forward(first).tanh()
  }
}

/**
 * Hugging Face's `BertModel` (Devlin et al. 2019) without dropout: every token sees all of its text, and the feature is
 * pooled of it. Padding is neither seen nor computed. A tower that takes the mean has no parameters of a pooler.
 */
export class BertTower extends Module {
  readonly embeddings: BertEmbeddings
  readonly encoder: BertEncoder
  readonly pooler?: BertPooler
  readonly #padId: number

  constructor(config: BertConfig, pooling: TextPooling) {
    super()
    this.embeddings = new BertEmbeddings(config)
    this.encoder = new BertEncoder(config)
    if (pooling === 'pooler') this.pooler = new BertPooler(config)
    this.#padId = config.pad_token_id
  }

  /**
   * @param inputIds [batch, length] int64.
   * @param attentionMask [batch, length], 1 at tokens that are seen and 0 at others. Default: all but padding are seen,
   * by its id; `transformers` sees padding too where it is given no mask.
   * @returns [batch, width]
   */
  forward(inputIds: Tensor, attentionMask?: Tensor): Tensor {
    const hidden = attentionMask ? attentionMask.equal(0) : inputIds.equal(this.#padId)
    const isSeen = hidden.not() // [batch, length]
    const packed = new PackedRows(isSeen)
    const tokens = this.embeddings.forward(inputIds, packed) // [rows, width]
    const seeing = { mask: paddingMask(isSeen), packed }
    return this.pooler ? this.#first(tokens, seeing, this.pooler) : this.#mean(tokens, seeing, isSeen)
  }

  #first(tokens: Tensor, seeing: Packed, pooler: BertPooler): Tensor {
    const first = this.encoder.forward(tokens, seeing, (rows) => seeing.packed.pad(rows).slice(1, 0, 1))
    const [batch, , width] = first.shape as readonly [number, number, number]
    return pooler.forward(first.reshape([batch, width])) // [batch, width]
  }

  #mean(tokens: Tensor, seeing: Packed, isSeen: Tensor): Tensor {
    const rows = this.encoder.forward(tokens, seeing, (x) => x) // [rows, width]
    const [batch, length] = isSeen.shape as readonly [number, number]
    const seen = isSeen.cast('float32')
    const shares = seen.div(seen.sum(1, { keep: true }).maximum(1)).reshape([batch, 1, length])
    return shares.matmul(seeing.packed.pad(rows)).reshape([batch, rows.shape[1]!]) // [batch, width]
  }
}

type Packed = Seeing & { readonly packed: PackedRows }
