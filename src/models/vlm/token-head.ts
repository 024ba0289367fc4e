import type { Tensor } from '../../graph/index.ts'
import { LayerNorm, Linear, Module, normalInit, Parameter, zerosInit } from '../../nn/index.ts'

/**
 * Scores of the vocabulary, as BERT's head makes them (Devlin et al. 2019): a layer with GELU and a norm, then the
 * product with the word vectors of the text tower, which are shared, and a bias for each word.
 */
export class TokenHead extends Module {
  readonly transform: Linear
  readonly layerNorm: LayerNorm
  readonly bias: Parameter

  /** @param sizes `width` of the states, `textWidth` of the word vectors, number of words in the `vocabulary`. */
  constructor({ width, textWidth, vocabulary }: { width: number; textWidth: number; vocabulary: number }) {
    super()
    this.transform = new Linear(width, textWidth, { init: normalInit(width ** -0.5) })
    this.layerNorm = new LayerNorm(textWidth)
    this.bias = new Parameter([vocabulary], zerosInit)
  }

  /**
   * @param states [batch, tokens, width]
   * @param words The word vectors, [vocabulary, textWidth].
   * @returns Logits [batch, tokens, vocabulary].
   */
  forward(states: Tensor, words: Tensor): Tensor {
    const [batch, tokens] = states.shape as readonly [number, number, number]
    const [vocabulary, textWidth] = words.shape as readonly [number, number]
    const transformed = this.layerNorm.forward(this.transform.forward(states).gelu())
    return transformed
      .reshape([batch * tokens, textWidth])
      .gemm(words, this.bias.tensor, { transposeB: true })
      .reshape([batch, tokens, vocabulary])
  }
}
