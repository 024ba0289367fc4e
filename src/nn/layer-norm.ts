import type { Tensor } from '../graph/index.ts'
import { onesInit, zerosInit } from './initializers.ts'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'

/** Layer normalization over the last axis (Ba et al. 2016). */
export class LayerNorm extends Module {
  readonly weight: Parameter
  readonly bias: Parameter
  readonly #epsilon: number

  constructor(width: number, epsilon = 1e-5) {
    super()
    this.weight = new Parameter([width], onesInit)
    this.bias = new Parameter([width], zerosInit)
    this.#epsilon = epsilon
  }

  forward(x: Tensor): Tensor {
    return x.layerNorm(this.weight.tensor, this.bias.tensor, this.#epsilon)
  }
}
