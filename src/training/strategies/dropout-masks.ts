import { type HostArray, hostArray, random, type Shape, sizeOf } from '../../core/index.ts'
import { dropout, input } from '../../graph/index.ts'
import type { Drop } from './leaves.ts'

interface Mask {
  readonly name: string
  readonly shape: Shape
  readonly rate: number
}

/** The masks of one graph: an input for each use of dropout, and its values. */
export class DropoutMasks {
  readonly #masks: Mask[] = []

  /** Dropout for the model while the graph is built. */
  readonly drop: Drop = (x, rate) => {
    if (rate === 0) return x
    const mask: Mask = { name: `dropout:${this.#masks.length}`, shape: x.shape, rate }
    this.#masks.push(mask)
    return dropout(x, rate, input(mask.name, mask.shape, 'bool'))
  }

  /** Masks of a step: a function of seed and path. */
  feeds(seed: number, path: readonly (number | string)[]): Record<string, HostArray> {
    const drawn = this.#masks.map(({ name, shape, rate }) => {
      const stream = random(seed, name, ...path)
      const kept = Uint8Array.from({ length: sizeOf(shape) }, () => (stream.uniform() < rate ? 0 : 1))
      return [name, hostArray('bool', shape, kept)] as const
    })
    return Object.fromEntries(drawn)
  }
}
