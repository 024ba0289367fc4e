/** Scale each row of [rows, width] to length 1: x / max(‖x‖₂, ε), in place; see `l2Normalize`. */
export function unitRows(features: Float32Array, width: number): Float32Array {
  for (let start = 0; start < features.length; start += width)
    normalize(features.subarray(start, start + width))
  return features
}

function normalize(row: Float32Array): void {
  const length = Math.max(Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)), 1e-12)
  for (const [i, x] of row.entries()) row[i] = x / length
}

/** Scalar product; of unit vectors their cosine similarity. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
