import type { Tensor } from '../../graph/index.ts'
import {
  LayerNorm,
  Linear,
  Mlp,
  Module,
  normalInit,
  Parameter,
  type TransformerOptions,
  zerosInit,
} from '../../nn/index.ts'

/** torch's nn.MultiheadAttention: queries, keys and values are projected by one stacked matrix. */
class CrossAttention extends Module {
  readonly inProjWeight: Parameter
  readonly inProjBias: Parameter
  readonly outProj: Linear
  readonly #heads: number

  constructor({ width, heads }: TransformerOptions) {
    super()
    const init = normalInit(width ** -0.5)
    this.inProjWeight = new Parameter([3 * width, width], init)
    this.inProjBias = new Parameter([3 * width], zerosInit)
    this.outProj = new Linear(width, width, { init })
    this.#heads = heads
  }

  /** @param probe [1, 1, width]  @param tokens [batch, tokens, width] */
  forward(probe: Tensor, tokens: Tensor): Tensor {
    const [batch, count, width] = tokens.shape as readonly [number, number, number]
    const headWidth = width / this.#heads
    const weights = this.inProjWeight.tensor.split([width, 2 * width], 0) as [Tensor, Tensor]
    const biases = this.inProjBias.tensor.split([width, 2 * width], 0) as [Tensor, Tensor]
    const query = probe.reshape([1, width]).gemm(weights[0], biases[0], { transposeB: true })
    const queries = query.reshape([1, this.#heads, 1, headWidth])
    const keysAndValues = tokens
      .reshape([-1, width])
      .gemm(weights[1], biases[1], { transposeB: true })
      .reshape([batch, count, 2, this.#heads, headWidth])
      .transpose([2, 0, 3, 1, 4]) // [2, batch, heads, tokens, headWidth]
    const part = (i: number) =>
      keysAndValues.slice(0, i, i + 1).reshape([batch, this.#heads, count, headWidth])
    const scores = queries.matmul(part(0), { transposeB: true, scale: headWidth ** -0.5 }) // [batch, heads, 1, tokens]
    const mixed = scores.softmax().matmul(part(1)) // [batch, heads, 1, headWidth]
    return this.outProj.forward(mixed.reshape([batch, width]))
  }
}

/** SigLIP's pooling: one learned query attends over the patches, then a residual MLP. */
export class AttentionPooling extends Module {
  readonly probe: Parameter
  readonly attention: CrossAttention
  readonly layernorm: LayerNorm
  readonly mlp: Mlp

  constructor(options: TransformerOptions) {
    super()
    this.probe = new Parameter([1, 1, options.width], normalInit(options.width ** -0.5))
    this.attention = new CrossAttention(options)
    this.layernorm = new LayerNorm(options.width, options.epsilon)
    this.mlp = new Mlp(options)
  }

  forward(tokens: Tensor): Tensor {
    const pooled = this.attention.forward(this.probe.tensor, tokens) // [batch, width]
    return pooled.add(this.mlp.forward(this.layernorm.forward(pooled)))
  }
}
