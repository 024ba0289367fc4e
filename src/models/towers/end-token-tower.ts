import { causalMask, paddingMask, positions, type Tensor } from '../../graph/index.ts'
import type { ClipTextConfig } from './config.ts'
import { type TextReading, TextTower } from './text-tower.ts'

/** CLIP's text tower: causal, and the state of the end token is the feature. */
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
    const end = this.endPosition(inputIds) // [batch, 1, length]
    const seenFromEnd = end.reshape([batch, length]).gemm(causal).reshape([batch, 1, 1, length])
    const padding = attentionMask && paddingMask(attentionMask) // [batch, 1, 1, length]
    const padded = (mask: Tensor) => (padding ? mask.add(padding) : mask)
    const feature = this.encoder.forward(this.embeddings.forward(inputIds, masked), padded(causal), {
      choose: (tokens) => end.matmul(tokens),
      mask: padded(seenFromEnd),
    }) // [batch, 1, width]
    return this.finalLayerNorm.forward(feature.reshape([batch, feature.shape[2]!])) // [batch, width]
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
