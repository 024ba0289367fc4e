import type { Tensor } from '../graph/index.ts'
import { type Initializer, zerosInit } from './initializers.ts'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'

/** Affine map of the last axis: x·Wᵀ + b, with W [outputs, inputs] as in PyTorch. */
export class Linear extends Module {
  readonly weight: Parameter
  readonly bias?: Parameter

  constructor(inputs: number, outputs: number, { init, bias = true }: { init: Initializer; bias?: boolean }) {
    super()
    this.weight = new Parameter([outputs, inputs], init)
    if (bias) this.bias = new Parameter([outputs], zerosInit)
  }

  forward(x: Tensor): Tensor {
    const width = x.shape.at(-1)!
    const rows = x.reshape([-1, width]) // [rows, inputs]
    const y = rows.gemm(this.weight.tensor, this.bias?.tensor, { transposeB: true }) // [rows, outputs]
    return y.reshape([...x.shape.slice(0, -1), y.shape[1]!])
  }
}
