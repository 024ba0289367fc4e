import { random } from '../../src/core/index.ts'
import type { BlockProducts } from '../../src/metrics/index.ts'

/** Products that are wrong by as much as sums of products in float32 may be, at random: being stored rounds once more. */
export function roughProducts(width: number, side: number, seed: number): BlockProducts {
  const stream = random(seed, 'rounding')
  const dot = (left: Float32Array, i: number, right: Float32Array, j: number) => {
    let sum = 0
    for (let k = 0; k < width; k++) sum += left[i * width + k]! * right[j * width + k]!
    return sum + (width - 1) * 2 ** -24 * stream.uniform(-1, 1)
  }
  return {
    side,
    similarities: async (left, right) =>
      Float32Array.from({ length: side * side }, (_, at) =>
        dot(left, Math.floor(at / side), right, at % side),
      ),
    potentials: async (left, right, weights) =>
      Float32Array.from({ length: side }, (_, i) =>
        weights.reduce((sum, weight, j) => sum + weight * Math.exp(4 * (dot(left, i, right, j) - 1)), 0),
      ),
  }
}
