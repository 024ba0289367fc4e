/** Places of rows along the axes of largest variance. */
export interface PrincipalPlaces {
  /** Place [x, y] of each row, from the mean. */
  readonly places: readonly (readonly [x: number, y: number])[]
  /** Part of the variance along each axis, in [0, 1]. */
  readonly explained: readonly [x: number, y: number]
}

/** Iterations for an axis; a map needs no more where two variances are nearly equal. */
const mostIterations = 1000
/** Change of an axis, a vector of length 1, below which it is found. */
const tolerance = 1e-10

/**
 * The two principal components of rows [rows, width]: the eigenvectors of their covariance with the largest values, by power
 * iteration, the second at right angles to the first. The largest number of an axis is positive, as in scikit-learn's `PCA`.
 * Rows that do not vary along an axis lie at 0 on it.
 */
export function principalPlaces(features: Float32Array, width: number): PrincipalPlaces {
  const rows = centered(features, width)
  const total = rows.reduce((sum, value) => sum + value * value, 0)
  const first = principalAxis(rows, width, [])
  const second = principalAxis(rows, width, [first])
  const [x, y] = [first, second].map((axis) => along(rows, width, axis)) as [Float64Array, Float64Array]
  const part = (values: Float64Array) =>
    total > 0 ? values.reduce((sum, value) => sum + value * value, 0) / total : 0
  return { places: Array.from(x, (value, row) => [value, y[row]!] as const), explained: [part(x), part(y)] }
}

function centered(features: Float32Array, width: number): Float64Array {
  const count = features.length / width
  const mean = new Float64Array(width)
  for (const [i, value] of features.entries()) mean[i % width]! += value / count
  return Float64Array.from(features, (value, i) => value - mean[i % width]!)
}

/** Axis of largest variance at right angles to the others; zeros where there is no variance left. */
function principalAxis(rows: Float64Array, width: number, others: readonly Float64Array[]): Float64Array {
  let axis = unit(
    Float64Array.from({ length: width }, (_, k) => 1 + 1 / (k + 2)),
    others,
  )
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const next = new Float64Array(width)
    for (const [row, value] of along(rows, width, axis).entries())
      for (let k = 0; k < width; k++) next[k]! += value * rows[row * width + k]!
    const found = unit(next, others)
    const change = Math.hypot(...found.map((value, k) => value - axis[k]!))
    axis = found
    if (change < tolerance) break
  }
  const largest = axis.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
  return largest < 0 ? axis.map((value) => -value) : axis
}

/** Product of each row with an axis. */
function along(rows: Float64Array, width: number, axis: Float64Array): Float64Array {
  const values = new Float64Array(rows.length / width)
  for (let i = 0; i < rows.length; i++) values[Math.floor(i / width)]! += rows[i]! * axis[i % width]!
  return values
}

/** A vector without its parts along other axes, of length 1; zeros if nothing but rounding is left of it. */
function unit(vector: Float64Array, others: readonly Float64Array[]): Float64Array {
  const before = Math.hypot(...vector)
  const result = vector.slice()
  for (const other of others) {
    const part = result.reduce((sum, value, k) => sum + value * other[k]!, 0)
    for (let k = 0; k < result.length; k++) result[k]! -= part * other[k]!
  }
  const length = Math.hypot(...result)
  return result.map((value) => (length > 1e-9 * before ? value / length : 0))
}
