import type { Matrix3, Vector3 } from '../renderer/index.ts'

/**
 * Rotation vector (axis times angle, radians, |v| ≤ π) of a rotation matrix.
 *
 * θ from both sine and cosine, v = θ/(2 sin θ)·[r₃₂−r₂₃, r₁₃−r₃₁, r₂₁−r₁₂]; near half a turn, where the sine vanishes,
 * the axis comes from the symmetric part, so that the result is exact everywhere.
 */
export function rotationVector(r: Matrix3): Vector3 {
  const skew: Vector3 = [r[7]! - r[5]!, r[2]! - r[6]!, r[3]! - r[1]!]
  const sine = Math.hypot(...skew) / 2
  const cosine = (r[0]! + r[4]! + r[8]! - 1) / 2
  const angle = Math.atan2(sine, cosine)
  if (sine > 1e-6) return scale(skew, angle / (2 * sine))
  return cosine > 0 ? scale(skew, 0.5) : scale(halfTurnAxis(r), Math.PI)
}

/** Axis of a rotation by π: r = 2 a aᵀ − I; the column with the largest diagonal is the best conditioned. */
function halfTurnAxis(r: Matrix3): Vector3 {
  const axis = [0, 1, 2].reduce((best, i) => (r[4 * i]! > r[4 * best]! ? i : best), 0)
  const length = Math.sqrt(Math.max(0, (r[4 * axis]! + 1) / 2))
  const column: Vector3 = [r[axis]!, r[3 + axis]!, r[6 + axis]!]
  const shifted = column.map((value, i) => (value + (i === axis ? 1 : 0)) / (2 * length))
  return [shifted[0]!, shifted[1]!, shifted[2]!]
}

/** Rotation matrix of a rotation vector, by Rodrigues' formula. */
export function rotationMatrix([x, y, z]: Vector3): Float64Array {
  const angle = Math.hypot(x, y, z)
  const a = angle < 1e-8 ? 1 - angle ** 2 / 6 : Math.sin(angle) / angle
  const b = angle < 1e-8 ? 0.5 : (1 - Math.cos(angle)) / angle ** 2
  const c = Math.cos(angle)
  return Float64Array.of(
    c + b * x * x,
    b * x * y - a * z,
    b * x * z + a * y,
    b * x * y + a * z,
    c + b * y * y,
    b * y * z - a * x,
    b * x * z - a * y,
    b * y * z + a * x,
    c + b * z * z,
  )
}

/** Rotation matrix of a unit quaternion [w, x, y, z]. */
export function quaternionMatrix([w, x, y, z]: readonly [number, number, number, number]): Float64Array {
  return Float64Array.of(
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  )
}

const scale = ([x, y, z]: Vector3, factor: number): Vector3 => [x * factor, y * factor, z * factor]
