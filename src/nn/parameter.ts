import type { Shape } from '../core/index.ts'
import { input, type Tensor } from '../graph/index.ts'
import type { Initializer } from './initializers.ts'

/**
 * A learned array: its shape and its initializer. Its values live in an arena; in a graph the parameter is a
 * leaf.
 */
export class Parameter {
  readonly shape: Shape
  readonly initialize: Initializer
  #name: string | undefined
  #tensor: Tensor | undefined

  constructor(shape: Shape, initialize: Initializer) {
    this.shape = shape
    this.initialize = initialize
  }

  /** Path in the model, given by `namedParameters` when it first walks the model. */
  get name(): string {
    if (this.#name === undefined)
      throw new Error('a parameter has no name before namedParameters(model) was called')
    return this.#name
  }

  set name(name: string) {
    if (this.#name !== undefined && this.#name !== name) {
      throw new Error(`one parameter is reached by two paths: ${this.#name} and ${name}`)
    }
    this.#name = name
  }

  /** The leaf that stands for this parameter in every graph. */
  get tensor(): Tensor {
    this.#tensor ??= input(this.name, this.shape)
    return this.#tensor
  }
}
