import type { HostArray } from '../../core/index.ts'
import { input, producer, type Tensor } from '../../graph/index.ts'

/** The leaves of a graph with values, among them those that a pass adds. */
export class StoredLeaves {
  readonly #weights: Map<Tensor, HostArray>
  readonly #added = new Map<string, Tensor>()

  constructor(weights: ReadonlyMap<Tensor, HostArray>) {
    this.#weights = new Map(weights)
  }

  get weights(): ReadonlyMap<Tensor, HostArray> {
    return this.#weights
  }

  /** Tell a leaf that was added. */
  isAdded(leaf: Tensor): boolean {
    return this.#added.get(nameOf(leaf)) === leaf
  }

  /** A float32 weight by its leaf; undefined for other tensors. */
  floats(leaf: Tensor): HostArray<'float32'> | undefined {
    const value = this.#weights.get(leaf)
    return value?.dtype === 'float32' ? (value as HostArray<'float32'>) : undefined
  }

  /** The leaf of a name, made when it is first asked for. */
  add(name: string, value: () => HostArray): Tensor {
    const known = this.#added.get(name)
    if (known) return known
    const array = value()
    const leaf = input(name, array.shape, array.dtype)
    this.#added.set(name, leaf)
    this.#weights.set(leaf, array)
    return leaf
  }

  /** A leaf in place of another, named after it. */
  variant(leaf: Tensor, ending: string, value: () => HostArray): Tensor {
    return this.add(`${nameOf(leaf)}${ending}`, value)
  }
}

/** The name of a leaf. */
export const nameOf = (leaf: Tensor): string => producer(leaf, 'input')!.attributes.name
