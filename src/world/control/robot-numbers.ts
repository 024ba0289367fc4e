import type { Simulation } from '../simulation/simulation.ts'

/** Steps a second of continuous control. */
export const controlRate = 20

/** Names of a robot's numbers, in the order of its state and its actions. */
export interface RobotNumbers {
  /**
   * The arm's joints by their names, radians; `gripper`, its opening from 0 to 1; with a base `base_x`, `base_y` and
   * `base_yaw`, its pose in the frame of the start, metres and radians.
   */
  readonly state: readonly string[]
  /**
   * Targets for the next 1/20 s: the joints' angles, radians; the opening of the gripper; with a base its velocities
   * `base_forward`, `base_left`, metres a second, and `base_turn`, radians a second to the left.
   */
  readonly action: readonly string[]
}

/** @param base True to tell and move the base, too. */
export function robotNumbers(
  { elements: { arm } }: Pick<Simulation, 'elements'>,
  base: boolean,
): RobotNumbers {
  const own = [...arm, 'gripper']
  return {
    state: [...own, ...(base ? ['base_x', 'base_y', 'base_yaw'] : [])],
    action: [...own, ...(base ? ['base_forward', 'base_left', 'base_turn'] : [])],
  }
}
