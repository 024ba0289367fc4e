/**
 * Products of blocks of unit vectors, such as programs of the engine compute: this room has none. Each call may reuse the array
 * that the last one gave.
 */
export interface BlockProducts {
  /** Rows of a block. */
  readonly side: number
  /** Products left·rightᵀ [side, side] in float32 of two blocks [side, width]. */
  similarities(left: Float32Array, right: Float32Array): Promise<Float32Array>
  /** Σ over j of weights(j)·e^(4·(left(i)·right(j) − 1)), [side], for the rows i of `left`. */
  potentials(left: Float32Array, right: Float32Array, weights: Float32Array): Promise<Float32Array>
}

/** A block of rows from `first` on; features [rows, width] have a multiple of `side` as rows. */
export const blockOf = (features: Float32Array, width: number, side: number, first: number): Float32Array =>
  features.subarray(first * width, (first + side) * width)
