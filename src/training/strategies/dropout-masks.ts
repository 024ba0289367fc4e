import { type HostArray, hostArray, random, type Shape, sizeOf } from '../../core/index.ts'
import { dropout, input, packingOf } from '../../graph/index.ts'
import type { Drop } from '../../nn/index.ts'

interface Mask {
  readonly name: string
  readonly shape: Shape
  readonly rate: number
}

/** Selection of the masks of a program's run. */
export interface MaskDraw {
  /** Number of steps before this one. */
  readonly steps: number
  /** Ids of the samples in the order of the rows. */
  readonly samples: readonly string[]
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

  /** Masks of a step: a function of the seed and of each sample's own path, whatever batch the sample is in. */
  feeds(seed: number, { steps, samples }: MaskDraw): Record<string, HostArray> {
    const drawn = this.#masks.map(({ name, shape, rate }) => {
      const [rows = 1] = shape
      const values = sizeOf(shape) / rows
      const kept = new Uint8Array(rows * values)
      for (const { id, first, count } of rowsOf(samples, rows)) {
        const stream = random(seed, name, steps, id)
        for (let i = first * values; i < (first + count) * values; i++)
          kept[i] = stream.uniform() < rate ? 0 : 1
      }
      return [name, hostArray('bool', shape, kept)] as const
    })
    return Object.fromEntries(drawn)
  }
}

/** The rows of each sample in an array with several rows a sample, such as its tokens, or with one row for several samples. */
function rowsOf(samples: readonly string[], rows: number) {
  const each = rows / samples.length
  if (Number.isInteger(each)) return samples.map((id, sample) => ({ id, first: sample * each, count: each }))
  const together = samples.length / rows
  return Array.from({ length: rows }, (_, row) => ({
    id: samples[Math.floor(row * together)]!,
    first: row,
    count: 1,
  }))
}
