import type { Tensor } from '../graph/index.ts'
import type { Initializer } from './initializers.ts'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'

/** A table of vectors, looked up by integer. */
export class Embedding extends Module {
  readonly weight: Parameter

  constructor(count: number, width: number, { init }: { init: Initializer }) {
    super()
    this.weight = new Parameter([count, width], init)
  }

  forward(indices: Tensor): Tensor {
    return this.weight.tensor.gather(indices) // [...indices, width]
  }
}
