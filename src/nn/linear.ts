import type { Tensor } from '../graph/index.ts'
import { dropWithin } from './dropout.ts'
import { type Initializer, uniformInit, zerosInit } from './initializers.ts'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'

/** Sizes of a low-rank adapter. */
export interface LowRank {
  /** Width between its two maps, ≥ 1. */
  readonly rank: number
  /** Factor of what it adds. */
  readonly scale: number
  /** Rate in [0, 1) at which its input is dropped in training. */
  readonly dropout: number
}

/**
 * Affine map of the last axis: x·Wᵀ + b, with W [outputs, inputs] as in PyTorch. With an adapter (LoRA, Hu et al. 2021)
 *
 *     x·Wᵀ + b + scale · drop(x)·Aᵀ·Bᵀ,   A [rank, inputs], B [outputs, rank]
 */
export class Linear extends Module {
  readonly weight: Parameter
  readonly bias?: Parameter
  /** The adapter's A and B, once there is one. */
  loraA?: Linear
  loraB?: Linear
  #adapter: LowRank | undefined

  constructor(inputs: number, outputs: number, { init, bias = true }: { init: Initializer; bias?: boolean }) {
    super()
    this.weight = new Parameter([outputs, inputs], init)
    if (bias) this.bias = new Parameter([outputs], zerosInit)
  }

  /** Add an adapter: A is drawn uniformly within ±1/√inputs, as PEFT draws it, B is zero, so that nothing changes yet. */
  adapt(adapter: LowRank): void {
    const [outputs, inputs] = this.weight.fullShape as readonly [number, number]
    const init = uniformInit(this.weight.shape[1]! ** -0.5)
    this.loraA = new Linear(inputs, adapter.rank, { init, bias: false })
    this.loraB = new Linear(adapter.rank, outputs, { init: zerosInit, bias: false })
    // What the weight has lost, its adapter does not have either.
    const [rows, columns] = [this.weight.kept.get(0), this.weight.kept.get(1)]
    if (columns) this.loraA.weight.keep(new Map([[1, columns]]))
    if (rows) this.loraB.weight.keep(new Map([[0, rows]]))
    this.#adapter = adapter
  }

  forward(x: Tensor): Tensor {
    const width = x.shape.at(-1)!
    const rows = x.reshape([-1, width]) // [rows, inputs]
    const y = rows.gemm(this.weight.tensor, this.bias?.tensor, { transposeB: true }) // [rows, outputs]
    const affine = y.reshape([...x.shape.slice(0, -1), y.shape[1]!])
    if (!this.#adapter || !this.loraA || !this.loraB) return affine
    const { scale, dropout } = this.#adapter
    return affine.add(this.loraB.forward(this.loraA.forward(dropWithin(x, dropout))).mul(scale))
  }
}
