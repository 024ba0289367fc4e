/** Rows of features [rows, width] in the order of their numbers, as a new array. */
export function gatheredRows(features: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const result = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries())
    result.set(features.subarray(row * width, (row + 1) * width), i * width)
  return result
}

/** Products [queries, gallery] of unit vectors [queries, width] and [gallery, width], summed in float64. */
export function similarityScores(queries: Float32Array, gallery: Float32Array, width: number): Float32Array {
  const [rows, columns] = [queries.length / width, gallery.length / width]
  const scores = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0
      for (let k = 0; k < width; k++) sum += queries[row * width + k]! * gallery[column * width + k]!
      scores[row * columns + column] = sum
    }
  }
  return scores
}
