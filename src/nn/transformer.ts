import type { Tensor } from '../graph/index.ts'
import { type ActivationName, activations } from './activation.ts'
import { normalInit } from './initializers.ts'
import { LayerNorm } from './layer-norm.ts'
import { Linear } from './linear.ts'
import { Module } from './module.ts'

/** Sizes of a transformer; `depth` also scales the initialization of residual branches, as in CLIP. */
export interface TransformerOptions {
  readonly width: number
  readonly hidden: number
  readonly heads: number
  readonly depth: number
  readonly activation: ActivationName
  readonly epsilon: number
}

/**
 * Multi-head self-attention (Vaswani et al. 2017): softmax(q·kᵀ/√d + mask)·v for each head.
 *
 * @param mask Added to the scores, broadcastable to [batch, heads, tokens, tokens].
 */
export class SelfAttention extends Module {
  readonly kProj: Linear
  readonly vProj: Linear
  readonly qProj: Linear
  readonly outProj: Linear
  readonly #heads: number

  constructor({ width, heads, depth }: TransformerOptions) {
    super()
    const init = normalInit(width ** -0.5 * (2 * depth) ** -0.5)
    this.kProj = new Linear(width, width, { init })
    this.vProj = new Linear(width, width, { init })
    this.qProj = new Linear(width, width, { init })
    this.outProj = new Linear(width, width, { init: normalInit(width ** -0.5) })
    this.#heads = heads
  }

  forward(x: Tensor, mask?: Tensor): Tensor {
    const [batch, tokens, width] = x.shape as readonly [number, number, number]
    const headWidth = width / this.#heads
    const split = (y: Tensor) => y.reshape([batch, tokens, this.#heads, headWidth]).transpose([0, 2, 1, 3])
    const queries = split(this.qProj.forward(x)) // [batch, heads, tokens, headWidth]
    const keys = split(this.kProj.forward(x))
    const values = split(this.vProj.forward(x))

    const scores = queries.matmul(keys, { transposeB: true, scale: headWidth ** -0.5 }) // [batch, heads, tokens, tokens]
    const weights = (mask ? scores.add(mask) : scores).softmax()
    const mixed = weights.matmul(values).transpose([0, 2, 1, 3]) // [batch, tokens, heads, headWidth]
    return this.outProj.forward(mixed.reshape([batch, tokens, width]))
  }
}

/** Two linear maps with an activation between them. */
export class Mlp extends Module {
  readonly fc1: Linear
  readonly fc2: Linear
  readonly #activation: ActivationName

  constructor({ width, hidden, depth, activation }: TransformerOptions) {
    super()
    this.fc1 = new Linear(width, hidden, { init: normalInit((2 * width) ** -0.5) })
    this.fc2 = new Linear(hidden, width, { init: normalInit(width ** -0.5 * (2 * depth) ** -0.5) })
    this.#activation = activation
  }

  forward(x: Tensor): Tensor {
    return this.fc2.forward(activations[this.#activation](this.fc1.forward(x)))
  }
}

/** Pre-norm transformer layer: x + attention(norm1(x)), then x + mlp(norm2(x)). */
export class TransformerLayer extends Module {
  readonly selfAttn: SelfAttention
  readonly layerNorm1: LayerNorm
  readonly mlp: Mlp
  readonly layerNorm2: LayerNorm

  constructor(options: TransformerOptions) {
    super()
    this.selfAttn = new SelfAttention(options)
    this.layerNorm1 = new LayerNorm(options.width, options.epsilon)
    this.mlp = new Mlp(options)
    this.layerNorm2 = new LayerNorm(options.width, options.epsilon)
  }

  forward(tokens: Tensor, mask?: Tensor): Tensor {
    tokens = tokens.add(this.selfAttn.forward(this.layerNorm1.forward(tokens), mask)) // [batch, tokens, width]
    return tokens.add(this.mlp.forward(this.layerNorm2.forward(tokens)))
  }
}

/** A stack of transformer layers. */
export class Transformer extends Module {
  readonly layers: readonly TransformerLayer[]
  readonly #wrap: (block: (x: Tensor) => Tensor, x: Tensor) => Tensor

  /** @param wrap How a layer is applied: `checkpoint` to recompute it in the backward pass. Default: directly. */
  constructor(options: TransformerOptions, wrap = (block: (x: Tensor) => Tensor, x: Tensor) => block(x)) {
    super()
    this.layers = Array.from({ length: options.depth }, () => new TransformerLayer(options))
    this.#wrap = wrap
  }

  forward(tokens: Tensor, mask?: Tensor): Tensor {
    for (const layer of this.layers) tokens = this.#wrap((x) => layer.forward(x, mask), tokens)
    return tokens
  }
}
