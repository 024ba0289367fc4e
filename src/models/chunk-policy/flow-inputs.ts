import { concat, constant, type Tensor } from '../../graph/index.ts'
import { type Linear, Module } from '../../nn/index.ts'
import { linear } from './post-norm-transformer.ts'
import { timeFrequencies } from './sinusoids.ts'

/**
 * Noisy actions and the time of the flow as tokens, as in π0 (Black et al. 2024) and SmolVLA: out(silu(in([action, time]))), the
 * time by sines and cosines.
 */
export class FlowInputs extends Module {
  readonly actionInProj: Linear
  readonly actionTimeMlpIn: Linear
  readonly actionTimeMlpOut: Linear

  constructor(actions: number, width: number) {
    super()
    this.actionInProj = linear(actions, width)
    this.actionTimeMlpIn = linear(2 * width, width)
    this.actionTimeMlpOut = linear(width, width)
  }

  /** [batch, chunk, numbers] at times [batch, 1] → [batch, chunk, width] */
  forward(noisy: Tensor, time: Tensor): Tensor {
    const tokens = this.actionInProj.forward(noisy)
    const [batch, , width] = tokens.shape as readonly [number, number, number]
    const angles = time.mul(constant(timeFrequencies(width))) // [batch, width/2]
    const moment = concat([angles.sin(), angles.cos()], 1).reshape([batch, 1, width]).expand(tokens.shape)
    const joined = this.actionTimeMlpIn.forward(concat([tokens, moment], 2))
    return this.actionTimeMlpOut.forward(joined.mul(joined.sigmoid()))
  }
}
