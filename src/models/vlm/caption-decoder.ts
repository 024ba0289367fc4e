import { causalMask, type Tensor } from '../../graph/index.ts'
import { Module } from '../../nn/index.ts'
import { Fusion } from '../policy/fusion.ts'
import type { ClipTextConfig } from '../towers/config.ts'
import type { DecoderConfig } from './config.ts'
import { TokenHead } from './token-head.ts'

/**
 * CoCa's multimodal decoder (Yu et al. 2022): the words of the text tower, which is causal and sees no image, attend to
 * the words before them and to the image, and predict the next word.
 *
 * The image is all of its patches; CoCa pools them to 256 queries first, which is more than the patches of a small image.
 */
export class CaptionDecoder extends Module {
  readonly fusion: Fusion
  readonly tokenHead: TokenHead
  readonly #longest: number

  constructor(config: DecoderConfig, text: ClipTextConfig, imageWidth: number) {
    super()
    const { hidden_size: textWidth, vocab_size: vocabulary, max_position_embeddings } = text
    this.fusion = new Fusion(config, { imageWidth, textWidth })
    this.tokenHead = new TokenHead({ width: config.hidden_size, textWidth, vocabulary })
    this.#longest = max_position_embeddings
  }

  /**
   * @param patches By the image tower: [batch, patches, imageWidth].
   * @param text By the text tower: [batch, length, textWidth].
   * @returns States [batch, length, width] for the head.
   */
  forward(patches: Tensor, text: Tensor): Tensor {
    return this.fusion.forward(patches, text, causalMask(text.shape[1]!, this.#longest)).words
  }
}
