import type { Matrix3, Vector3 } from './render-scene.ts'

/** a · b */
export const dot = (a: Vector3, b: Vector3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

/** a × b */
export const cross = (a: Vector3, b: Vector3): Vector3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]

/** a − b */
export const subtract = (a: Vector3, b: Vector3): Vector3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]

/** `factor` times `a`. */
export const scale = (a: Vector3, factor: number): Vector3 => [a[0] * factor, a[1] * factor, a[2] * factor]

/** Direction of `a` with length 1. */
export const normalize = (a: Vector3): Vector3 => scale(a, 1 / Math.sqrt(dot(a, a)))

/** Column of a matrix: an axis of the body in the world. */
export const column = (matrix: Matrix3, index: 0 | 1 | 2): Vector3 => [
  matrix[index]!,
  matrix[index + 3]!,
  matrix[index + 6]!,
]
