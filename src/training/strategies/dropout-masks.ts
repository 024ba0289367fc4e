import { type HostArray, hostArray, random, type Shape, sizeOf } from '../../core/index.ts'
import { dropout, input, packingOf } from '../../graph/index.ts'
import type { Drop } from '../../nn/index.ts'

interface Mask {
  readonly name: string
  readonly shape: Shape
  readonly rate: number
}

/** The masks of one graph: an input for each use of dropout, and its values. */
export class DropoutMasks {
  readonly #masks: Mask[] = []

  /** Dropout for the model while the graph is built. Packed rows have a mask for all rows, which is packed as they are. */
  readonly drop: Drop = (x, rate) => {
    if (rate === 0) return x
    const packing = packingOf(x)
    const shape = packing ? [packing.places, ...x.shape.slice(1)] : x.shape
    const mask: Mask = { name: `dropout:${this.#masks.length}`, shape, rate }
    this.#masks.push(mask)
    const leaf = input(mask.name, mask.shape, 'bool')
    return dropout(x, rate, packing ? packing.pack(leaf.cast('float32')) : leaf)
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
