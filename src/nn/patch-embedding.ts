import type { Tensor } from '../graph/index.ts'
import { type Initializer, zerosInit } from './initializers.ts'
import { Module } from './module.ts'
import { Parameter } from './parameter.ts'

/**
 * A convolution whose stride is its kernel: every patch of the image becomes one token. The weight is a
 * Conv2d's, [width, channels, patch, patch].
 */
export class PatchEmbedding extends Module {
  readonly weight: Parameter
  readonly bias?: Parameter
  readonly #patch: number

  constructor(
    channels: number,
    width: number,
    patch: number,
    { init, bias = false }: { init: Initializer; bias?: boolean },
  ) {
    super()
    this.weight = new Parameter([width, channels, patch, patch], init)
    if (bias) this.bias = new Parameter([width], zerosInit)
    this.#patch = patch
  }

  forward(pixels: Tensor): Tensor {
    const patch = this.#patch
    const [batch, channels, height, width] = pixels.shape as readonly [number, number, number, number]
    const rows = Math.floor(height / patch)
    const columns = Math.floor(width / patch)
    const patches = pixels
      .slice(2, 0, rows * patch)
      .slice(3, 0, columns * patch)
      .reshape([batch, channels, rows, patch, columns, patch])
      .transpose([0, 2, 4, 1, 3, 5]) // [batch, rows, columns, channels, patch, patch]
      .reshape([batch * rows * columns, channels * patch * patch])
    const weight = this.weight.tensor.reshape([this.weight.shape[0]!, channels * patch * patch])
    const tokens = patches.gemm(weight, this.bias?.tensor, { transposeB: true })
    return tokens.reshape([batch, rows * columns, this.weight.shape[0]!]) // [batch, patches, width]
  }
}
