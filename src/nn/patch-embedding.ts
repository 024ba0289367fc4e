import { embedPatches, type Tensor } from '../graph/index.ts'
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

  constructor(
    channels: number,
    width: number,
    patch: number,
    { init, bias = false }: { init: Initializer; bias?: boolean },
  ) {
    super()
    this.weight = new Parameter([width, channels, patch, patch], init)
    if (bias) this.bias = new Parameter([width], zerosInit)
  }

  forward(pixels: Tensor): Tensor {
    return embedPatches(pixels, this.weight.tensor, this.bias?.tensor) // [batch, patches, width]
  }
}
