import { ConfigError, didYouMean, type HostArray } from '../../core/index.ts'
import { input, type Tensor } from '../../graph/index.ts'
import type { Drop } from '../../nn/index.ts'

/** Shapes and types of a batch's arrays. */
export type Shapes = Readonly<Record<string, Pick<HostArray, 'shape' | 'dtype'>>>

/** The arrays of a batch as leaves of a graph, for the function that builds a loss. */
export class Leaves {
  /** Dropout in training, and none in evaluation; masks are drawn by seed and step. */
  readonly drop: Drop
  readonly #arrays: Shapes
  readonly #leaves = new Map<string, Tensor | undefined>()
  readonly #built = new Map<string, unknown>()

  constructor(arrays: Shapes, drop: Drop) {
    this.#arrays = arrays
    this.drop = drop
  }

  /**
   * The array of this name, at its own rank: [batch, …].
   * @throws ConfigError `training/no-array` when the batches have none, naming the existing ones.
   */
  get(name: string): Tensor {
    const leaf = this.find(name)
    if (leaf) return leaf
    const known = Object.keys(this.#arrays)
    throw new ConfigError(
      'training/no-array',
      `the batches have no array '${name}', which the loss reads${didYouMean(name, known)}`,
      { array: name, known },
    )
  }

  /** The array of this name; undefined when the batches have none. */
  find(name: string): Tensor | undefined {
    // A program has one input of a name.
    if (this.#leaves.has(name)) return this.#leaves.get(name)
    const array = this.#arrays[name]
    const leaf = array && input(name, array.shape, array.dtype)
    this.#leaves.set(name, leaf)
    return leaf
  }

  /** A part of the graph that several losses read, such as the features of a tower: built once, by the first of them. */
  once<Part>(name: string, build: () => Part): Part {
    if (!this.#built.has(name)) this.#built.set(name, build())
    return this.#built.get(name) as Part
  }

  /** Names of the arrays that were requested and exist. */
  get names(): readonly string[] {
    return [...this.#leaves].flatMap(([name, leaf]) => (leaf ? [name] : []))
  }

  /** Tell if these arrays would give the same leaves. */
  fit(arrays: Shapes): boolean {
    return [...this.#leaves].every(([name, leaf]) => {
      const array = arrays[name]
      if (!leaf || !array) return !leaf && !array
      return leaf.dtype === array.dtype && `${leaf.shape}` === `${array.shape}`
    })
  }
}
