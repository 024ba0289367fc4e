import { embedPatches, patches, projectPatches, type Tensor } from '../graph/index.ts'
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

  /** @param visible Places of the patches to embed, [batch, visible] int64. Default: all, row by row. */
  forward(pixels: Tensor, visible?: Tensor): Tensor {
    const [weight, bias] = [this.weight.tensor, this.bias?.tensor]
    if (!visible) return embedPatches(pixels, weight, bias) // [batch, patches, width]
    return projectPatches(rowsAt(patches(pixels, weight.shape[2]!), visible), weight, bias)
  }
}

/** Rows [batch, places, width] of x [batch, rows, width] at places [batch, places] int64. */
function rowsAt(x: Tensor, places: Tensor): Tensor {
  const [batch, count] = places.shape as readonly [number, number]
  const width = x.shape[2]!
  return x.gatherElements(places.reshape([batch, count, 1]).expand([batch, count, width]), 1)
}
