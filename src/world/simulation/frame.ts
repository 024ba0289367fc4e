import type { Matrix3, Vector3 } from '../renderer/index.ts'

/** Position and rotation in a larger frame. */
export interface Frame {
  /** Position, metres. */
  readonly position: Vector3
  /** Rotation row by row; its columns are this frame's axes in the larger one. */
  readonly rotation: Matrix3
}

/** Frame of element `index` in MuJoCo's arrays of positions [elements, 3] and rotations [elements, 9]. Copied. */
export const frameOf = (
  positions: ArrayLike<number>,
  rotations: ArrayLike<number>,
  index: number,
): Frame => ({
  position: [positions[3 * index]!, positions[3 * index + 1]!, positions[3 * index + 2]!],
  rotation: Float64Array.from({ length: 9 }, (_, i) => rotations[9 * index + i]!),
})

/** Transform a point of a frame into the larger frame. */
export function pointOutOf({ position, rotation: r }: Frame, [x, y, z]: Vector3): Vector3 {
  return [
    position[0] + r[0]! * x + r[1]! * y + r[2]! * z,
    position[1] + r[3]! * x + r[4]! * y + r[5]! * z,
    position[2] + r[6]! * x + r[7]! * y + r[8]! * z,
  ]
}

/** Transform a point of the larger frame into this frame. */
export function pointInto({ position, rotation: r }: Frame, point: Vector3): Vector3 {
  const [x, y, z] = [point[0] - position[0], point[1] - position[1], point[2] - position[2]]
  return [
    r[0]! * x + r[3]! * y + r[6]! * z,
    r[1]! * x + r[4]! * y + r[7]! * z,
    r[2]! * x + r[5]! * y + r[8]! * z,
  ]
}

/** Turn a vector about z by `angle` radians. */
export const turnAboutZ = ([x, y, z]: Vector3, angle: number): Vector3 => [
  x * Math.cos(angle) - y * Math.sin(angle),
  x * Math.sin(angle) + y * Math.cos(angle),
  z,
]

/** Product of two rotations: first `b`, then `a`. */
export function multiply(a: Matrix3, b: Matrix3): Float64Array {
  return Float64Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3]
    return a[row]! * b[column]! + a[row + 1]! * b[3 + column]! + a[row + 2]! * b[6 + column]!
  })
}

/** Inverse of a rotation. */
export const transpose = (r: Matrix3): Float64Array =>
  Float64Array.of(r[0]!, r[3]!, r[6]!, r[1]!, r[4]!, r[7]!, r[2]!, r[5]!, r[8]!)
