import type { Tensor } from '../../graph/index.ts'
import {
  type ActivationName,
  activations,
  dropWithin,
  type Initializer,
  LayerNorm,
  Linear,
  Module,
  multiHeadAttention,
  Parameter,
  uniformInit,
  zerosInit,
} from '../../nn/index.ts'
import type { ChunkPolicyConfig } from './config.ts'

/** Sizes of the layers of DETR's transformer. */
export interface LayerOptions {
  readonly width: number
  readonly hidden: number
  readonly heads: number
  readonly activation: ActivationName
  /** Dropout rate in training: of attention weights, hidden units, and what each part adds. */
  readonly dropout: number
  /** Normalize what goes into each part, and not what comes out of it. */
  readonly preNorm: boolean
}

/** The sizes of a transformer's layers in a config. */
export const layerOptions = (config: ChunkPolicyConfig): LayerOptions => ({
  width: config.dim_model,
  hidden: config.dim_feedforward,
  heads: config.n_heads,
  activation: config.feedforward_activation,
  dropout: config.dropout,
  preNorm: config.pre_norm,
})

/** Glorot and Bengio 2010: uniform within ±√(6/(inputs + outputs)). */
export const xavierInit: Initializer = (shape, random) => {
  const [outputs, inputs] = shape as readonly [number, number]
  return uniformInit((6 / (inputs + outputs)) ** 0.5)(shape, random)
}

/** A linear map as PyTorch draws it: uniform within ±1/√inputs; its bias is zero. */
export const linear = (inputs: number, outputs: number): Linear =>
  new Linear(inputs, outputs, { init: uniformInit(inputs ** -0.5) })

/** Tokens of an attention: those that ask, those that are asked, and their answers. */
interface Asked {
  readonly queries: Tensor
  readonly keys: Tensor
  readonly values: Tensor
  readonly mask?: Tensor | undefined
}

/** PyTorch's `MultiheadAttention`: its three projections stand in one matrix. */
class JoinedAttention extends Module {
  readonly in_proj_weight: Parameter
  readonly in_proj_bias: Parameter
  readonly outProj: Linear
  readonly #options: LayerOptions

  constructor(options: LayerOptions) {
    super()
    const { width } = options
    this.in_proj_weight = new Parameter([3 * width, width], xavierInit)
    this.in_proj_bias = new Parameter([3 * width], zerosInit)
    this.outProj = new Linear(width, width, { init: xavierInit })
    this.#options = options
  }

  forward({ queries, keys, values, mask }: Asked): Tensor {
    const { width, heads, dropout } = this.#options
    const part = (x: Tensor, place: number) => {
      const rows = (tensor: Tensor) => tensor.slice(0, place * width, (place + 1) * width)
      const [weight, bias] = [rows(this.in_proj_weight.tensor), rows(this.in_proj_bias.tensor)]
      return x.reshape([-1, width]).gemm(weight, bias, { transposeB: true }).reshape(x.shape)
    }
    const projected = { queries: part(queries, 0), keys: part(keys, 1), values: part(values, 2) }
    const dropWeights = (weights: Tensor) => dropWithin(weights, dropout)
    return this.outProj.forward(multiHeadAttention(projected, heads, { mask, dropWeights }))
  }
}

/** The MLP of a layer under PyTorch's names, and the drawing that both layers share. */
abstract class LayerParts extends Module {
  readonly linear1: Linear
  readonly linear2: Linear
  protected readonly options: () => LayerOptions

  constructor(options: LayerOptions) {
    super()
    this.linear1 = new Linear(options.width, options.hidden, { init: xavierInit })
    this.linear2 = new Linear(options.hidden, options.width, { init: xavierInit })
    this.options = () => options
  }

  /** x + part(norm(x)), or norm(x + part(x)). */
  protected residual(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    const { preNorm, dropout } = this.options()
    const sum = x.add(dropWithin(part(preNorm ? norm.forward(x) : x), dropout))
    return preNorm ? sum : norm.forward(sum)
  }

  protected mlp(x: Tensor): Tensor {
    const { activation, dropout } = this.options()
    return this.linear2.forward(dropWithin(activations[activation](this.linear1.forward(x)), dropout))
  }
}

/** Layer of DETR's encoder: places are added to queries and keys, not to values. */
class EncoderLayer extends LayerParts {
  readonly selfAttn: JoinedAttention
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm

  constructor(options: LayerOptions) {
    super(options)
    this.selfAttn = new JoinedAttention(options)
    this.norm1 = new LayerNorm(options.width)
    this.norm2 = new LayerNorm(options.width)
  }

  forward(tokens: Tensor, places: Tensor, mask: Tensor | undefined): Tensor {
    const attended = this.residual(tokens, this.norm1, (x) => {
      const placed = x.add(places)
      return this.selfAttn.forward({ queries: placed, keys: placed, values: x, mask })
    })
    return this.residual(attended, this.norm2, (x) => this.mlp(x))
  }
}

/** Layer of DETR's decoder: attention among the queries, attention to the encoder's tokens, an MLP. */
class DecoderLayer extends LayerParts {
  readonly selfAttn: JoinedAttention
  readonly multihead_attn: JoinedAttention
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  readonly norm3: LayerNorm

  constructor(options: LayerOptions) {
    super(options)
    this.selfAttn = new JoinedAttention(options)
    this.multihead_attn = new JoinedAttention(options)
    this.norm1 = new LayerNorm(options.width)
    this.norm2 = new LayerNorm(options.width)
    this.norm3 = new LayerNorm(options.width)
  }

  forward(queries: Tensor, places: Tensor, seen: Seen, mask: Tensor | undefined): Tensor {
    const own = this.residual(queries, this.norm1, (x) => {
      const placed = x.add(places)
      return this.selfAttn.forward({ queries: placed, keys: placed, values: x, mask })
    })
    const keys = seen.tokens.add(seen.places)
    const informed = this.residual(own, this.norm2, (x) =>
      this.multihead_attn.forward({ queries: x.add(places), keys, values: seen.tokens, mask: seen.mask }),
    )
    return this.residual(informed, this.norm3, (x) => this.mlp(x))
  }
}

/** Tokens of an observation. */
export interface Seen {
  /** [batch, tokens, width] */
  readonly tokens: Tensor
  /** Embeddings of their places, broadcastable to the tokens. */
  readonly places: Tensor
  /** Mask added to the scores of these as keys; undefined where all are seen. */
  readonly mask?: Tensor | undefined
  /** Beginning of the actions, for a policy that glances: see `Beginning`. */
  readonly beginning?: { readonly query: Tensor; readonly direct: Tensor } | undefined
}

/** DETR's encoder (Carion et al. 2020) as in ACT; with `preNorm` a norm at its end. */
export class Encoder extends Module {
  readonly layers: readonly EncoderLayer[]
  readonly norm?: LayerNorm

  constructor(depth: number, options: LayerOptions) {
    super()
    this.layers = Array.from({ length: depth }, () => new EncoderLayer(options))
    if (options.preNorm) this.norm = new LayerNorm(options.width)
  }

  forward({ tokens, places, mask }: Seen): Tensor {
    const encoded = this.layers.reduce((x, layer) => layer.forward(x, places, mask), tokens)
    return this.norm ? this.norm.forward(encoded) : encoded
  }
}

/** DETR's decoder as in ACT. */
export class Decoder extends Module {
  readonly layers: readonly DecoderLayer[]
  readonly norm: LayerNorm

  constructor(depth: number, options: LayerOptions) {
    super()
    this.layers = Array.from({ length: depth }, () => new DecoderLayer(options))
    this.norm = new LayerNorm(options.width)
  }

  /** @param mask Mask of the queries' scores among each other. Default: all are seen. */
  forward(queries: Tensor, places: Tensor, seen: Seen, mask?: Tensor): Tensor {
    return this.norm.forward(this.layers.reduce((x, layer) => layer.forward(x, places, seen, mask), queries))
  }
}
