import type { Tensor } from '../../../graph/index.ts'
import {
  type ActivationName,
  activations,
  Layer,
  LayerNorm,
  Linear,
  Module,
  multiHeadAttention,
  normalInit,
  type Reading,
} from '../../../nn/index.ts'
import { initialDeviation } from './bert-embeddings.ts'
import type { BertConfig } from './config.ts'

/** Affine map with BERT's initialization. */
export const bertLinear = (inputs: number, outputs: number): Linear =>
  new Linear(inputs, outputs, { init: normalInit(initialDeviation) })

class BertSelfAttention extends Module {
  readonly query: Linear
  readonly key: Linear
  readonly value: Linear
  readonly #heads: number

  constructor({ hidden_size: width, num_attention_heads }: BertConfig) {
    super()
    this.query = bertLinear(width, width)
    this.key = bertLinear(width, width)
    this.value = bertLinear(width, width)
    this.#heads = num_attention_heads
  }

  /** @returns The attended values, in the form of the chosen tokens. */
  forward(tokens: Tensor, { choose, ...seeing }: Reading): Tensor {
    const queries = this.query.forward(choose(tokens))
    const [keys, values] = [this.key.forward(tokens), this.value.forward(tokens)]
    return multiHeadAttention({ queries, keys, values }, this.#heads, seeing)
  }
}

/** A linear map, a residual connection, and a norm behind it. */
class BertOutput extends Module {
  readonly dense: Linear
  readonly LayerNorm: LayerNorm

  constructor(inputs: number, { hidden_size: width, layer_norm_eps }: BertConfig) {
    super()
    this.dense = bertLinear(inputs, width)
    this.LayerNorm = new LayerNorm(width, layer_norm_eps)
  }

  forward(x: Tensor, residual: Tensor): Tensor {
    return this.LayerNorm.forward(this.dense.forward(x).add(residual))
  }
}

class BertAttention extends Module {
  readonly self: BertSelfAttention
  readonly output: BertOutput

  constructor(config: BertConfig) {
    super()
    this.self = new BertSelfAttention(config)
    this.output = new BertOutput(config.hidden_size, config)
  }

  forward(tokens: Tensor, reading: Reading): Tensor {
    return this.output.forward(this.self.forward(tokens, reading), reading.choose(tokens))
  }
}

class BertIntermediate extends Module {
  readonly dense: Linear
  readonly #activation: ActivationName

  constructor({ hidden_size, intermediate_size, hidden_act }: BertConfig) {
    super()
    this.dense = bertLinear(hidden_size, intermediate_size)
    this.#activation = hidden_act
  }

  forward(x: Tensor): Tensor {
    return activations[this.#activation](this.dense.forward(x))
  }
}

/** Post-norm transformer layer (Vaswani et al. 2017): norm(x + attention(x)), then norm(x + mlp(x)). */
export class BertLayer extends Layer {
  readonly attention: BertAttention
  readonly intermediate: BertIntermediate
  readonly output: BertOutput

  constructor(config: BertConfig) {
    super()
    this.attention = new BertAttention(config)
    this.intermediate = new BertIntermediate(config)
    this.output = new BertOutput(config.intermediate_size, config)
  }

  /** @param tokens [batch, tokens, width], or packed [rows, width]. */
  forward(tokens: Tensor, reading: Reading): Tensor {
    return this.run((x) => {
      const attended = this.attention.forward(x, reading)
      return this.output.forward(this.intermediate.forward(attended), attended)
    }, tokens)
  }
}
