import { float32 } from '../../core/index.ts'
import { concat, constant, type Tensor } from '../../graph/index.ts'
import { Linear, Module, normalInit } from '../../nn/index.ts'
import { type HeadConfig, outputsOf } from './config.ts'
import type { Drop } from './dropout.ts'

/** What a head gives, in the units of its label; which of them it has follows from its kind. */
export interface HeadOutputs {
  /** [batch, 4]: left, top, right, bottom as fractions of width and height. */
  readonly box?: Tensor
  /** Logits [batch, classes]. */
  readonly category?: Tensor
  /** [batch, outputs]: metres, radians or the label's own unit. */
  readonly values?: Tensor
}

/** What a head reads. */
export interface HeadInput {
  /** [batch, sharedSize] */
  readonly feature: Tensor
  /** Where the command points: [batch, 2]. */
  readonly place: Tensor
  readonly drop: Drop
}

/**
 * The head of a task: hidden layers with ReLU and dropout, then one number an output (MISSION: 512 → 256 → output).
 * A pose's last three numbers are a rotation vector.
 */
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
    const outputs = outputsOf(config)
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
    const head = this.#config
    switch (head.kind) {
      case 'detection': {
        const box = boxOf(raw.slice(1, 0, 4), place, head)
        return { box, ...(head.category !== undefined && { category: raw.slice(1, 4, 4 + head.classes) }) }
      }
      case 'classification':
        return { category: raw }
      case 'pose':
        return { values: poseOf(raw, head) }
      default:
        return { values: inUnit(raw, head) }
    }
  }
}

type Unit = { readonly mean?: readonly number[] | undefined; readonly scale?: number | undefined }

/** Outputs times the scale, plus the mean. */
function inUnit(raw: Tensor, { mean, scale = 1 }: Unit): Tensor {
  const scaled = scale === 1 ? raw : raw.mul(scale)
  return mean ? scaled.add(constant(float32([mean.length], mean))) : scaled
}

/** The scale is that of the position; a rotation is of the order of 1 radian by itself. */
function poseOf(raw: Tensor, { mean = Array(6).fill(0), scale }: Unit): Tensor {
  const [position, rotation] = raw.split([3, 3], 1) as [Tensor, Tensor]
  return concat(
    [inUnit(position, { mean: mean.slice(0, 3), scale }), inUnit(rotation, { mean: mean.slice(3) })],
    1,
  )
}

/** Sides of a box of which nothing is known, as fractions of the image. */
const usualSides = [0.2, 0.2] as const

/**
 * A box around the place that the command points at: its centre is moved by parts of the usual sides, and each side
 * is exp of an output times the usual one (Ren et al. 2015), so that left < right for every output.
 * `mean` holds the usual width and height.
 */
function boxOf(raw: Tensor, place: Tensor, { mean = [...usualSides] }: Unit): Tensor {
  const sides = constant(float32([2], mean))
  const [shift, stretch] = raw.split([2, 2], 1) as [Tensor, Tensor]
  const centre = place.add(shift.mul(sides)) // [batch, 2]
  const half = stretch.clamp(-4, 4).exp().mul(sides).mul(0.5)
  return concat([centre.sub(half), centre.add(half)], 1) // [batch, 4]
}
