import type { Tensor } from '../graph/index.ts'
import { Layer } from './layer.ts'
import { LayerNorm } from './layer-norm.ts'
import { Mlp, type Reading, SelfAttention, type TransformerOptions } from './transformer.ts'

/**
 * Pre-norm decoder layer (Vaswani et al. 2017): attention to the own sequence, attention to another one, and an MLP,
 * each with a residual connection.
 */
export class CrossAttentionLayer extends Layer {
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
   * @param context The other sequence, [contexts, contextTokens, width]. If there are fewer contexts than sequences,
   * batch/contexts sequences in a row share one, and its keys and values are computed once.
   * @param reading Choice of tokens, and their mask in the own sequence; see `Transformer`.
   * @returns [batch, chosen, width]
   */
  forward(tokens: Tensor, context: Tensor, reading: Reading): Tensor {
    return this.run((x, others) => this.#attend(x, others, reading), tokens, context)
  }

  #attend(tokens: Tensor, context: Tensor, { choose, ...seeing }: Reading): Tensor {
    const normalized = this.layerNorm1.forward(tokens)
    tokens = choose(tokens).add(this.selfAttn.forward(normalized, seeing, choose(normalized)))
    const asking = perContext(this.layerNorm2.forward(tokens), context) // [contexts, sequences · chosen, width]
    tokens = tokens.add(this.crossAttn.forward(context, {}, asking).reshape(tokens.shape))
    return tokens.add(this.mlp.forward(this.layerNorm3.forward(tokens)))
  }
}

/**
 * Rows [batch, rows, width] with sequences that share a context side by side: [contexts, batch/contexts · rows,
 * width].
 */
export function perContext(x: Tensor, context: Tensor): Tensor {
  const [batch, rows, width] = x.shape as readonly [number, number, number]
  const contexts = context.shape[0]!
  return x.reshape([contexts, (batch / contexts) * rows, width])
}
