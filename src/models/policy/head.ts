import type { Tensor } from '../../graph/index.ts'
import { type Drop, Linear, Module, normalInit } from '../../nn/index.ts'
import { type HeadConfig, headKindOf } from './heads/index.ts'

/** Outputs of a head by name, in the units of their labels. */
export type HeadOutputs = Readonly<Record<string, Tensor>>

/** Inputs of a head. */
export interface HeadInput {
  /** [batch, sharedSize] */
  readonly feature: Tensor
  /** Place that the command points at: [batch, 2]. */
  readonly place: Tensor
  readonly drop: Drop
}

/** The head of a task: hidden layers with ReLU and dropout, then one value for each output (512 → 256 → outputs). */
export class Head extends Module {
  readonly layers: readonly Linear[]
  readonly #config: HeadConfig
  readonly #dropout: number

  /** @param sizes `inputs` is the width of the shared layer, `dropout` the model's, for a head without its own. */
  constructor(
    config: HeadConfig,
    { inputs, dropout }: { readonly inputs: number; readonly dropout: number },
  ) {
    super()
    const widths = [inputs, ...config.hidden]
    const outputs = headKindOf(config).outputs(config)
    const layer = (from: number, to: number, gain: number) =>
      new Linear(from, to, { init: normalInit(gain * from ** -0.5) })
    this.layers = [
      ...config.hidden.map((width, i) => layer(widths[i]!, width, Math.SQRT2)),
      // Small first outputs: every head begins at its mean.
      layer(widths.at(-1)!, outputs, 0.1),
    ]
    this.#config = config
    this.#dropout = config.dropout ?? dropout
  }

  forward({ feature, place, drop }: HeadInput): HeadOutputs {
    const last = this.layers.length - 1
    const hidden = this.layers
      .slice(0, last)
      .reduce((x, layer) => drop(layer.forward(x).relu(), this.#dropout), feature)
    const raw = this.layers[last]!.forward(hidden) // [batch, outputs]
    return headKindOf(this.#config).forward(raw, place, this.#config)
  }
}

/** Heads by name; each is a part of the model under its name. */
export class Heads extends Module {
  constructor(heads: Readonly<Record<string, Head>>) {
    super()
    Object.assign(this, heads)
  }
}
