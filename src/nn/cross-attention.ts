import type { Tensor } from '../graph/index.ts'
import { LayerNorm } from './layer-norm.ts'
import { Module } from './module.ts'
import { Mlp, type Reading, SelfAttention, type TransformerOptions } from './transformer.ts'

/**
 * Pre-norm decoder layer (Vaswani et al. 2017): attention to the own sequence, attention to another one, MLP; each
 * added to what was there.
 */
export class CrossAttentionLayer extends Module {
  readonly selfAttn: SelfAttention
  readonly layerNorm1: LayerNorm
  readonly crossAttn: SelfAttention
  readonly layerNorm2: LayerNorm
  readonly mlp: Mlp
  readonly layerNorm3: LayerNorm

  constructor(options: TransformerOptions) {
    super()
    this.selfAttn = new SelfAttention(options)
    this.layerNorm1 = new LayerNorm(options.width, options.epsilon)
    this.crossAttn = new SelfAttention(options)
    this.layerNorm2 = new LayerNorm(options.width, options.epsilon)
    this.mlp = new Mlp(options)
    this.layerNorm3 = new LayerNorm(options.width, options.epsilon)
  }

  /**
   * @param tokens [batch, tokens, width]
   * @param context The other sequence, [batch, contextTokens, width].
   * @param reading Which tokens are wanted, and their mask in the own sequence; see `Transformer`.
   * @returns [batch, chosen, width]
   */
  forward(tokens: Tensor, context: Tensor, { choose, mask }: Reading): Tensor {
    const normalized = this.layerNorm1.forward(tokens)
    tokens = choose(tokens).add(this.selfAttn.forward(normalized, mask, choose(normalized)))
    tokens = tokens.add(this.crossAttn.forward(context, undefined, this.layerNorm2.forward(tokens)))
    return tokens.add(this.mlp.forward(this.layerNorm3.forward(tokens)))
  }
}
