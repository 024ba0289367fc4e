import { type Frame, multiply, pointInto, pointOutOf, transpose } from '../simulation/frame.ts'
import { rotationMatrix, rotationVector } from '../simulation/rotation.ts'

/** Pose of a hand as seen from a robot: x, y, z, metres, and the rotation vector from the robot's axes, radians. */
export function handPose(hand: Frame, robot: Frame): number[] {
  const turn = multiply(transpose(robot.rotation), hand.rotation)
  return [...pointInto(robot, hand.position), ...rotationVector(turn)]
}

/** Frame of a hand in the world: the inverse of {@link handPose}. */
export function handFrame(pose: readonly number[], robot: Frame): Frame {
  const [x, y, z, wx, wy, wz] = pose as [number, number, number, number, number, number]
  return {
    position: pointOutOf(robot, [x, y, z]),
    rotation: multiply(robot.rotation, rotationMatrix([wx, wy, wz])),
  }
}
