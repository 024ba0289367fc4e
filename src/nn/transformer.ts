import type { Tensor } from '../graph/index.ts'
import { type ActivationName, activations } from './activation.ts'
import { normalInit } from './initializers.ts'
import { Layer } from './layer.ts'
import { LayerNorm } from './layer-norm.ts'
import { Linear } from './linear.ts'
import { Module } from './module.ts'
import { multiHeadAttention, type Seeing } from './multi-head-attention.ts'

/** Sizes of a transformer; `depth` also scales the initialization of residual branches, as in CLIP. */
export interface TransformerOptions {
  readonly width: number
  readonly hidden: number
  readonly heads: number
  readonly depth: number
  readonly activation: ActivationName
  readonly epsilon: number
}

/** Choice of the tokens that a transformer returns; its mask is that of their scores. */
export interface Reading extends Seeing {
  /** Tokens → [batch, chosen, width]. */
  readonly choose: (tokens: Tensor) => Tensor
}

/** Multi-head self-attention (Vaswani et al. 2017): softmax(q·kᵀ/√d + mask)·v for each head. */
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

  /**
   * @param x Tokens that are attended to: [batch, tokens, width], or packed [rows, width].
   * @param asking The tokens that attend, [batch, asking, width]; default all of `x`.
   * @returns The attended values, in the form of `asking`.
   */
  forward(x: Tensor, seeing: Seeing = {}, asking = x): Tensor {
    const queries = this.qProj.forward(asking)
    const [keys, values] = [this.kProj.forward(x), this.vProj.forward(x)]
    return this.outProj.forward(multiHeadAttention({ queries, keys, values }, this.#heads, seeing))
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

const all = (tokens: Tensor): Tensor => tokens

/** Pre-norm transformer layer: x + attention(norm1(x)), then x + mlp(norm2(x)). */
export class TransformerLayer extends Layer {
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

  forward(tokens: Tensor, reading: Reading = { choose: all }): Tensor {
    return this.run((x) => this.#attend(x, reading), tokens)
  }

  #attend(tokens: Tensor, { choose, drop = all, ...seeing }: Reading): Tensor {
    const normalized = this.layerNorm1.forward(tokens) // [batch, tokens, width]
    const attended = this.selfAttn.forward(normalized, seeing, choose(normalized)) // [batch, chosen, width]
    tokens = choose(tokens).add(drop(attended))
    return tokens.add(drop(this.mlp.forward(this.layerNorm2.forward(tokens))))
  }
}

/** A stack of transformer layers. */
export class Transformer extends Module {
  readonly layers: readonly TransformerLayer[]

  constructor(options: TransformerOptions) {
    super()
    this.layers = Array.from({ length: options.depth }, () => new TransformerLayer(options))
  }

  /**
   * @param tokens [batch, tokens, width], or packed [rows, width].
   * @param reading Choice of the last layer's tokens; default all. The others still serve as keys and values, but
   * their own results are not computed, neither forward nor backward.
   */
  forward(tokens: Tensor, seeing: Seeing = {}, reading: Reading = { choose: all, ...seeing }): Tensor {
    const last = this.layers.at(-1)
    for (const layer of this.layers) {
      tokens = layer.forward(tokens, layer === last ? reading : { choose: all, ...seeing })
    }
    return tokens
  }
}
