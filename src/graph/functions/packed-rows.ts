import { isSymbolic, newSymbolicPrime } from '../onnx/symbolic-sizes.ts'
import { padded } from '../ops/packing.ts'
import type { Tensor } from '../tensor.ts'
import { topologicalOrder } from '../traverse.ts'
import { packings } from '../unpack-rows.ts'

/**
 * Sequences of different lengths as one matrix without padding. What treats rows alone, such as linear maps and
 * norms, then computes nothing for padding; attention pads its rows again.
 *
 * The number of rows is known only when the program runs. A fresh prime represents it in shapes, and `writeOnnx` replaces
 * the prime by the number. `unpackRows` turns a graph into the padded one, for files and devices that want fixed sizes.
 */
export class PackedRows {
  readonly #kept: Tensor
  readonly #places: Tensor
  readonly #sequences: readonly [batch: number, length: number]
  readonly #rows = newSymbolicPrime()

  /** @param kept True at the tokens that are computed: bool [batch, length], at least one of them true. */
  constructor(kept: Tensor) {
    this.#sequences = kept.shape as readonly [number, number]
    this.#kept = kept.reshape([kept.size])
    this.#places = this.#kept.cast('int32').cumulativeSum(0).sub(1).maximum(0)
  }

  /** [batch, length, ...row] → [rows, ...row]. */
  pack(x: Tensor): Tensor {
    const rows = x.reshape([this.#kept.size, ...x.shape.slice(2)])
    return rows.packRows(this.#kept, this.#places, this.#rows)
  }

  /** [rows, ...row] → [batch, length, ...row], with zeros at the tokens that are not kept. */
  pad(rows: Tensor): Tensor {
    const places = padded(rows, this.#places, this.#kept)
    return places.reshape([...this.#sequences, ...rows.shape.slice(1)])
  }
}

/** The packing of rows that come from packed rows, for other arrays of the same tokens; undefined for other rows. */
export function packingOf(rows: Tensor): { places: number; pack(x: Tensor): Tensor } | undefined {
  const count = rows.shape[0]
  if (count === undefined || !isSymbolic(count)) return undefined
  const node = packings(topologicalOrder([rows])).find(({ attributes }) => attributes.rows === count)
  if (!node) return undefined
  const [, kept, places] = node.inputs
  return { places: kept.size, pack: (x) => x.packRows(kept, places, count) }
}
