import { checkpoint, type Tensor } from '../graph/index.ts'
import { Module, namedParts } from './module.ts'

/** A part of a model that can be computed again in the backward pass, so that its inner values need not be kept. */
export abstract class Layer extends Module {
  #isRecomputed = false

  /** Compute this layer again in the backward pass of every graph that is built from now on: see `checkpoint`. */
  recompute(): void {
    this.#isRecomputed = true
  }

  /** The block at work; `inputs` are what is kept of it where the rest is computed again. */
  protected run<Inputs extends readonly Tensor[]>(
    block: (...inputs: Inputs) => Tensor,
    ...inputs: Inputs
  ): Tensor {
    return this.#isRecomputed ? checkpoint(block, ...inputs) : block(...inputs)
  }
}

/** Every layer below `module` by its path, such as `vision_model.encoder.layers.0`. */
export const namedLayers = (module: Module): Map<string, Layer> => namedParts(module, Layer)
