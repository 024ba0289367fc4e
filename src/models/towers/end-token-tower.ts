import { causalMask, PackedRows, paddingMask, positions, type Tensor } from '../../graph/index.ts'
import type { ClipTextConfig } from './config.ts'
import { type TextReading, TextTower } from './text-tower.ts'

/**
 * CLIP's text tower: causal, and the state of the end token is the feature. The tokens behind it change nothing and are
 * not computed.
 */
export class EndTokenTower extends TextTower {
  readonly #endToken: number
  readonly #longest: number

  constructor(config: ClipTextConfig) {
    super(config, { causal: true })
    this.#endToken = config.eos_token_id
    this.#longest = config.max_position_embeddings
  }

  forward(inputIds: Tensor, { attentionMask, masked }: TextReading = {}): Tensor {
    const [batch, length] = inputIds.shape as readonly [number, number]
    const causal = causalMask(length, this.#longest) // [length, length]
    const end = this.endPosition(inputIds) // [batch, 1]
    const everyPosition = positions(length, this.#longest).reshape([1, length])
    const isEnd = everyPosition.equal(end).cast('float32').reshape([batch, 1, length])
    const isRead = everyPosition.lessOrEqual(end) // [batch, length]
    const padding = attentionMask && paddingMask(attentionMask) // [batch, 1, 1, length]
    const withPadding = (mask: Tensor) => (padding ? mask.add(padding) : mask)
    const packed = new PackedRows(isRead)
    const tokens = packed.pack(this.embeddings.forward(inputIds, masked)) // [rows, width]
    const feature = this.encoder.forward(
      tokens,
      { mask: withPadding(causal), packed },
      { choose: (rows) => isEnd.matmul(packed.pad(rows)), mask: withPadding(paddingMask(isRead)), packed },
    ) // [batch, 1, width]
    return this.finalLayerNorm.forward(feature.reshape([batch, feature.shape[2]!])) // [batch, width]
  }

  /** Position of the first end token, float32 [batch, 1]. Configs from before 2023 say 2: the largest id. */
  endPosition(inputIds: Tensor): Tensor {
    const score = this.#endToken === 2 ? inputIds : inputIds.equal(this.#endToken).cast('int32')
    return score.argMax(1).cast('float32').reshape([inputIds.shape[0]!, 1])
  }
}
