import type { Shape } from '../core/index.ts'
import { concat, input, type Kept, restore, type Tensor } from '../graph/index.ts'
import type { Initializer } from './initializers.ts'

/**
 * A learned array: its shape and its initializer. Its values live in an arena; in a graph the parameter is a
 * leaf.
 */
export class Parameter {
  /** Shape in which layers read it. */
  readonly fullShape: Shape
  readonly initialize: Initializer
  #kept: Kept = new Map()
  #read: Kept = new Map()
  #name: string | undefined
  #leaf: Tensor | undefined
  #tensor: Tensor | undefined

  constructor(shape: Shape, initialize: Initializer) {
    this.fullShape = shape
    this.initialize = initialize
  }

  /** Shape in which it is stored and learned: smaller than `fullShape` where positions were removed. */
  get shape(): Shape {
    return this.fullShape.map((size, axis) => this.#kept.get(axis)?.length ?? size)
  }

  /** Positions that are left, of the axes that have lost some. */
  get kept(): Kept {
    return this.#kept
  }

  /** Remove all positions but these. Layers see zeros in their place; `shrink` makes a smaller graph of it. */
  keep(kept: Kept): void {
    if (this.#leaf) throw new Error(`parameter ${this.name} is already part of a graph`)
    this.#kept = kept
  }

  /**
   * Let layers read only these positions of the stored shape, and zeros elsewhere. The leaf stays whole, and gets no
   * gradient elsewhere: so a part of a model shares the weights of the whole.
   */
  narrow(places: Kept): void {
    if (this.#tensor) throw new Error(`parameter ${this.name} is already part of a graph`)
    this.#read = places
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

  /** The leaf that stands for this parameter in every graph, in its stored shape. */
  get leaf(): Tensor {
    this.#leaf ??= input(this.name, this.shape)
    return this.#leaf
  }

  /** The parameter as layers read it, in its full shape. */
  get tensor(): Tensor {
    this.#tensor ??= this.#build()
    return this.#tensor
  }

  #build(): Tensor {
    const read = [...this.#read].reduce((x, [axis, places]) => taken(x, axis, places), this.leaf)
    const axes = new Set([...this.#kept.keys(), ...this.#read.keys()])
    return [...axes].reduce((x, axis) => {
      const [kept, own] = [this.#kept.get(axis), this.#read.get(axis)]
      const places = kept && own ? own.map((place) => kept[place]!) : (own ?? kept!)
      return restore(x, axis, places, this.fullShape[axis]!)
    }, read)
  }
}

/** Positions of an axis, in ascending order. */
function taken(x: Tensor, axis: number, places: readonly number[]): Tensor {
  const first = places.flatMap((place, i) => (place - 1 === places[i - 1] ? [] : [i]))
  const ranges = first.map((from, i) => {
    const end = places[(first[i + 1] ?? places.length) - 1]! + 1
    return x.slice(axis, places[from]!, end)
  })
  return concat(ranges, axis)
}
