/**
 * Step of damped least squares for `rows` equations in `columns` unknowns, with the free directions pulled toward a
 * preference:
 *
 *     Δq = J⁺ e + (I − J⁺ J) p,   J⁺ = Jᵀ (J Jᵀ + λ² I)⁻¹
 *
 * Nakamura and Hanafusa 1986; Wampler 1986. Solved by Cholesky decomposition, for which λ > 0 is needed.
 *
 * @param jacobian [rows, columns], row by row.
 * @param error [rows]. @param preference [columns]. @param damping λ.
 */
export function dampedStep(
  jacobian: Float64Array,
  error: Float64Array,
  preference: Float64Array,
  damping: number,
): Float64Array {
  const rows = error.length
  const columns = preference.length
  const gram = new Float64Array(rows * rows)
  const residual = Float64Array.from(error)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? damping ** 2 : 0
      for (let k = 0; k < columns; k++) sum += jacobian[i * columns + k]! * jacobian[j * columns + k]!
      gram[i * rows + j] = sum
    }
    for (let k = 0; k < columns; k++) residual[i]! -= jacobian[i * columns + k]! * preference[k]!
  }
  solveInPlace(gram, residual)
  const step = Float64Array.from(preference)
  for (let k = 0; k < columns; k++) {
    for (let i = 0; i < rows; i++) step[k]! += jacobian[i * columns + k]! * residual[i]!
  }
  return step
}

/**
 * Solve A x = b in place: `b` becomes x, and the lower half of the positive definite `a` [n, n] its Cholesky factor.
 */
function solveInPlace(a: Float64Array, b: Float64Array): void {
  const n = b.length
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i]! -= a[i * n + k]! * b[k]!
    b[i]! /= a[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i]! -= a[k * n + i]! * b[k]!
    b[i]! /= a[i * n + i]!
  }
}
