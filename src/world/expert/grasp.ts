import type { Vector3 } from '../renderer/index.ts'
import { kinds } from '../scene/kinds.ts'
import { standOff } from '../scene/sample-scene.ts'
import type { NamedThing } from '../scene/scene.ts'
import { type Frame, multiply } from '../simulation/frame.ts'
import { rotationMatrix } from '../simulation/rotation.ts'

/**
 * Grasp of an object, in the robot's frame: from above, fingers across its narrow side, leaned back by the angle of its
 * kind. The gripper is symmetric under half a turn; of the two grasps this is the one with less rotation.
 */
export function graspFrame({ kind, position, yaw, scale }: NamedThing): Frame {
  const { height, lean, turns } = kinds[kind].grasp
  const [x, y, z] = position
  const turn = rotationMatrix([0, 0, turns ? yaw : 0])
  return { position: [x, y, z + scale * height], rotation: multiply(turn, rotationMatrix([0, -lean, 0])) }
}

/**
 * Goal of the robot before an object on the floor, straight ahead of its present place; for a mat, the middle of it.
 * Metres in the robot's frame, on the floor.
 */
export function navigationTarget({ kind, position, scale }: NamedThing): Vector3 {
  const [x, y] = position
  const distance = Math.hypot(x, y)
  const share = Math.max(0, 1 - standOff(kind, scale) / distance)
  return [x * share, y * share, 0]
}
