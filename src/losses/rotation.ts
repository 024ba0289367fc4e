import { sameShape } from '../core/index.ts'
import { concat, misfit, type Tensor } from '../graph/index.ts'

/**
 * Mean of 4·sin²(θ/2) = 2·(1 − cos θ), θ the angle of the rotation that leads from one side to the other.
 *
 * @param prediction Rotation vectors in radians, axis times angle: [..., 3].
 * @param target The same shape.
 * @returns A scalar in [0, 4].
 * @throws ShapeError `shape/rotationLoss`.
 */
export const rotationLoss = (prediction: Tensor, target: Tensor): Tensor =>
  rotationErrors(prediction, target).mean()

/**
 * 4·sin²(θ/2) of each pair of rotation vectors: half the squared chordal distance ‖R₁ − R₂‖² of their matrices
 * (Hartley et al. 2013, "Rotation averaging", section 4).
 *
 * Equal rotations have error 0, however they are written: r and r + 2π·r/‖r‖ are one rotation. Near the target it is
 * θ², a squared error in radians. It is smooth everywhere, r = 0 included; at θ = π, the farthest there is, its
 * gradient is zero.
 *
 * With q = (cos ‖r‖/2, sin(‖r‖/2)·r/‖r‖), sin(θ/2) is the length of the vector part of q̄₁q₂, which loses no
 * digits at small angles as 1 − cos θ does.
 *
 * @param prediction Rotation vectors in radians: [..., 3].
 * @param target The same shape.
 * @returns [...], each in [0, 4].
 * @throws ShapeError `shape/rotationLoss`.
 */
export function rotationErrors(prediction: Tensor, target: Tensor): Tensor {
  if (!sameShape(prediction.shape, target.shape) || prediction.shape.at(-1) !== 3) {
    throw misfit('rotationLoss', [prediction, target], 'both must be rotation vectors [..., 3] of one shape')
  }
  const [a, b] = [quaternion(prediction), quaternion(target)]
  // The vector part of q̄₁q₂: w₁v₂ − w₂v₁ − v₁ × v₂.
  const between = b.vector.mul(a.scalar).sub(a.vector.mul(b.scalar)).sub(cross(a.vector, b.vector)) // [..., 3]
  return between.square().sum(-1).mul(4)
}

/** Smallest squared angle; smaller ones take its sine and cosine of the half angle, which is exact in float32. */
const smallest = 1e-8

/** The unit quaternions of rotation vectors [..., 3]: `scalar` [..., 1], `vector` [..., 3]. */
function quaternion(rotation: Tensor): { scalar: Tensor; vector: Tensor } {
  const squared = rotation.square().sum(-1, { keep: true }) // [..., 1]
  const angle = squared.clamp(smallest, Number.POSITIVE_INFINITY).sqrt()
  const half = angle.mul(0.5)
  return { scalar: half.cos(), vector: rotation.mul(half.sin().div(angle)) }
}

function cross(a: Tensor, b: Tensor): Tensor {
  /** Element (i + by) mod 3 in the place of element i. */
  const turned = (x: Tensor, by: number) => concat([x.slice(-1, by, 3), x.slice(-1, 0, by)], -1)
  return turned(a, 1)
    .mul(turned(b, 2))
    .sub(turned(a, 2).mul(turned(b, 1)))
}
