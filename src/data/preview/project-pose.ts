import type { SampleCamera } from '../sample.ts'

/** Metres from a grasp's middle to each finger, and along the hand from the fingertips towards the wrist. */
const gripper = { reach: 0.045, hand: 0.08 }

/** A point in fractions of the image's sides, from the upper left corner. */
export type ProjectedPoint = readonly [x: number, y: number]

/**
 * Projection of the gripper of a grasp onto a camera's image: a line from finger to finger along the hand's y, and one
 * from its middle along the hand's z. Undefined where a part is behind the camera.
 * @param pose [x, y, z, rx, ry, rz] in the camera's outer frame. @param aspect Width of the image over its height.
 */
export function projectPose(
  camera: SampleCamera,
  pose: readonly number[],
  aspect: number,
): readonly (readonly [ProjectedPoint, ProjectedPoint])[] | undefined {
  const [middle, turn] = [pose.slice(0, 3), pose.slice(3, 6)]
  const at = (along: readonly number[]) => {
    const turned = turnBy(turn, along)
    return projectPoint(
      camera,
      middle.map((coordinate, i) => coordinate + turned[i]!),
      aspect,
    )
  }
  const [left, right] = [at([0, gripper.reach, 0]), at([0, -gripper.reach, 0])]
  const [tip, wrist] = [at([0, 0, 0]), at([0, 0, gripper.hand])]
  if (!left || !right || !tip || !wrist) return undefined
  return [
    [left, right],
    [tip, wrist],
  ]
}

/** Turn a vector by Rodrigues' formula: v cos θ + (k × v) sin θ + k (k · v)(1 − cos θ). */
function turnBy(rotation: readonly number[], v: readonly number[]): number[] {
  const angle = Math.hypot(...rotation)
  if (angle === 0) return [...v]
  const [x, y, z] = rotation.map((part) => part / angle) as [number, number, number]
  const [a, b, c] = v as [number, number, number]
  const cross = [y * c - z * b, z * a - x * c, x * b - y * a]
  const along = (x * a + y * b + z * c) * (1 - Math.cos(angle))
  return [x, y, z].map((k, i) => v[i]! * Math.cos(angle) + cross[i]! * Math.sin(angle) + k * along)
}

/**
 * Projection of a place onto a camera's image; undefined behind the camera.
 * @param point [x, y, z] in the camera's outer frame.
 */
export function projectPoint(
  { position, rotation: r, verticalFov }: SampleCamera,
  point: readonly number[],
  aspect: number,
): ProjectedPoint | undefined {
  const away = point.map((coordinate, i) => coordinate - position[i]!)
  const along = (axis: number) => r[axis]! * away[0]! + r[axis + 3]! * away[1]! + r[axis + 6]! * away[2]!
  const depth = -along(2)
  if (depth <= 0) return undefined
  const half = depth * Math.tan((verticalFov * Math.PI) / 360)
  return [0.5 + along(0) / (2 * half * aspect), 0.5 - along(1) / (2 * half)]
}
