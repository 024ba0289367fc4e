import type { Simulation } from '../simulation/simulation.ts'

/** Steps a second of continuous control. */
export const controlRate = 20

/**
 * Numbers in which the arm is told and moved: the angles of its joints, or the pose of its hand (the end effector), from which
 * inverse kinematics has the angles.
 */
export const actionSpaces = ['joints', 'ee'] as const
export type ActionSpace = (typeof actionSpaces)[number]

/** Parts of the robot that are controlled, and the numbers of its arm. */
export interface Controls {
  /** True to tell and move the base, too. */
  readonly base: boolean
  readonly actionSpace: ActionSpace
}

/** Names of a robot's numbers, in the order of its state and its actions. */
export interface RobotNumbers {
  /**
   * The arm's joints by their names, radians, or the hand's pose in the robot's frame: `ee.x`, `ee.y`, `ee.z`, metres, and its
   * rotation vector `ee.wx`, `ee.wy`, `ee.wz`, radians; `gripper`, its opening from 0 to 1; with a base `base_x`, `base_y` and
   * `base_yaw`, its pose in the frame of the start, metres and radians.
   */
  readonly state: readonly string[]
  /**
   * Targets for the next 1/20 s: the joints' angles or the hand's pose, as above; the opening of the gripper; with a base its
   * velocities `base_forward`, `base_left`, metres a second, and `base_turn`, radians a second to the left.
   */
  readonly action: readonly string[]
}

/** Numbers of a hand's pose: LeRobot's names. */
const poseNumbers = ['ee.x', 'ee.y', 'ee.z', 'ee.wx', 'ee.wy', 'ee.wz'] as const

export function robotNumbers(
  { elements: { arm } }: Pick<Simulation, 'elements'>,
  { base, actionSpace }: Controls,
): RobotNumbers {
  const own = [...(actionSpace === 'ee' ? poseNumbers : arm), 'gripper']
  return {
    state: [...own, ...(base ? ['base_x', 'base_y', 'base_yaw'] : [])],
    action: [...own, ...(base ? ['base_forward', 'base_left', 'base_turn'] : [])],
  }
}

/** Controls of actions by their names. */
export const controlsOf = (names: readonly string[]): Controls => ({
  base: names.some((name) => name.startsWith('base_')),
  actionSpace: names.some((name) => name.startsWith('ee.')) ? 'ee' : 'joints',
})
