import { type Frame, multiply, pointOutOf } from '../simulation/frame.ts'
import { rotationMatrix } from '../simulation/rotation.ts'
import { followArm, moveArm } from './arm-motion.ts'
import type { World } from './world.ts'

/** Parameters of a grasp: seconds to close the gripper and to lift, metres of the lift. */
const taking = { close: 0.6, lift: 0.8, height: 0.12, period: 0.04 }

/**
 * Grasp an object and lift it: the hand moves as in `moveArm`, closes and rises.
 * @param grasp [x, y, z, rx, ry, rz] in the robot's frame, metres and radians.
 * @param onStep Callback after each 40 ms.
 * @returns True if the arm reaches the grasp; otherwise nothing moves.
 */
export function take(world: World, grasp: readonly number[], onStep: () => void = () => {}): boolean {
  const [x = 0, y = 0, z = 0, rx = 0, ry = 0, rz = 0] = grasp
  const robot = world.simulation.robotFrame()
  const rotation = multiply(robot.rotation, rotationMatrix([rx, ry, rz]))
  const frame = (height: number): Frame => ({ position: pointOutOf(robot, [x, y, z + height]), rotation })
  const { goal, raised } = world.withKinematics((kinematics) => ({
    goal: kinematics.solve(frame(0)),
    raised: kinematics.solve(frame(taking.height)),
  }))
  if (!goal.reached) return false
  moveArm(world, goal.joints, onStep)
  for (let time = 0; time < taking.close; time += taking.period) {
    world.act({ gripper: 0 }, taking.period)
    onStep()
  }
  followArm(world, [raised.joints], taking.lift, onStep)
  return true
}
