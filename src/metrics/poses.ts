import { splitRows } from '../core/index.ts'
import { fraction, mean, median } from './mean.ts'
import { checkRows } from './rows.ts'

/** Predictions and targets, row after row. */
interface Predicted {
  readonly predictions: Float32Array
  readonly targets: Float32Array
}

/** [samples, 3] in metres. */
export interface PositionInput extends Predicted {
  /** Largest distance that counts as reached, in metres. */
  readonly tolerance: number
}

export interface PositionMetrics {
  readonly meanErrorMetres: number
  readonly medianErrorMetres: number
  /** Fraction of the samples within the tolerance, in [0, 1]. */
  readonly withinFraction: number
}

/** [samples, 6]: position in metres, then the rotation as a vector in radians (axis times angle). */
export interface PoseInput extends Predicted {
  /** Largest distance that counts as reached, in metres. */
  readonly positionTolerance: number
  /** Largest angle that counts as reached, in radians. */
  readonly rotationTolerance: number
}

export interface PoseMetrics {
  readonly meanPositionErrorMetres: number
  readonly medianPositionErrorMetres: number
  readonly meanRotationErrorRadians: number
  readonly medianRotationErrorRadians: number
  /** Fraction of the samples within both tolerances, in [0, 1]. */
  readonly withinFraction: number
}

/** [samples, joints] in radians. */
export interface JointInput extends Predicted {
  readonly joints: number
  /** Largest error that any joint may have, in radians. */
  readonly tolerance: number
}

export interface JointMetrics {
  /** Mean error over all joints of all samples. */
  readonly meanErrorRadians: number
  /** Median over the samples of the error of their worst joint. */
  readonly medianWorstErrorRadians: number
  /** Fraction of the samples whose joints are all within the tolerance, in [0, 1]. */
  readonly withinFraction: number
}

/** Distances between places, and the fraction of them within a tolerance. @throws ShapeError `shape/rows`. */
export function position({ predictions, targets, tolerance }: PositionInput): PositionMetrics {
  const errors = positionErrors(predictions, targets)
  return {
    meanErrorMetres: mean(errors),
    medianErrorMetres: median(errors),
    withinFraction: fraction(errors, (error) => error <= tolerance),
  }
}

/**
 * Distances and angles between poses, and the fraction of them within both tolerances.
 * @throws ShapeError `shape/rows`.
 */
export function pose(input: PoseInput): PoseMetrics {
  const { predictions, targets, positionTolerance, rotationTolerance } = input
  checkRows('pose', predictions, targets, 6)
  const part = (poses: Float32Array, from: 0 | 3) => poses.filter((_, i) => i % 6 >= from && i % 6 < from + 3)
  const distances = positionErrors(part(predictions, 0), part(targets, 0))
  const angles = rotationAngles(part(predictions, 3), part(targets, 3))
  return {
    meanPositionErrorMetres: mean(distances),
    medianPositionErrorMetres: median(distances),
    meanRotationErrorRadians: mean(angles),
    medianRotationErrorRadians: median(angles),
    withinFraction: fraction(
      distances,
      (distance, i) => distance <= positionTolerance && angles[i]! <= rotationTolerance,
    ),
  }
}

/** Errors of joint angles, taken as they are: a joint has limits and cannot go round. @throws ShapeError `shape/rows`. */
export function joints({ predictions, targets, joints, tolerance }: JointInput): JointMetrics {
  const samples = checkRows('joints', predictions, targets, joints)
  const errors = predictions.map((angle, i) => Math.abs(angle - targets[i]!))
  const worst = Float32Array.from(splitRows(errors, samples), (row) => Math.max(...row))
  return {
    meanErrorRadians: mean(errors),
    medianWorstErrorRadians: median(worst),
    withinFraction: fraction(worst, (error) => error <= tolerance),
  }
}

/** Euclidean distance of each pair of places [samples, 3], in their unit. @throws ShapeError `shape/rows`. */
export function positionErrors(predictions: Float32Array, targets: Float32Array): Float32Array {
  const samples = checkRows('positionErrors', predictions, targets, 3)
  return Float32Array.from({ length: samples }, (_, sample) =>
    Math.hypot(...[0, 1, 2].map((axis) => predictions[3 * sample + axis]! - targets[3 * sample + axis]!)),
  )
}

/**
 * The angle of the rotation that leads from one to the other, for each pair of rotation vectors [samples, 3] in
 * radians: in [0, π], the same for every way to write a rotation.
 *
 * @throws ShapeError `shape/rows`.
 */
export function rotationAngles(predictions: Float32Array, targets: Float32Array): Float32Array {
  const samples = checkRows('rotationAngles', predictions, targets, 3)
  return Float32Array.from({ length: samples }, (_, sample) => {
    const [p, q] = [predictions, targets].map((all) => quaternion(all, 3 * sample))
    const [w1, x1, y1, z1] = p!
    const [w2, x2, y2, z2] = q!
    const cosine = w1 * w2 + x1 * x2 + y1 * y2 + z1 * z2
    const sine = Math.hypot(
      w1 * x2 - w2 * x1 - (y1 * z2 - z1 * y2),
      w1 * y2 - w2 * y1 - (z1 * x2 - x1 * z2),
      w1 * z2 - w2 * z1 - (x1 * y2 - y1 * x2),
    )
    return 2 * Math.atan2(sine, Math.abs(cosine))
  })
}

type Quaternion = readonly [w: number, x: number, y: number, z: number]

/** The unit quaternion of the rotation vector that begins at `start`. */
function quaternion(rotations: Float32Array, start: number): Quaternion {
  const [x, y, z] = [rotations[start]!, rotations[start + 1]!, rotations[start + 2]!]
  const angle = Math.hypot(x, y, z)
  const scale = angle === 0 ? 0.5 : Math.sin(angle / 2) / angle
  return [Math.cos(angle / 2), x * scale, y * scale, z * scale]
}
