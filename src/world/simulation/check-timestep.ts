import type { MjModel } from '@mujoco/mujoco'
import { WorldError } from '../../core/index.ts'
import type { RobotDescription } from '../robot/robot-description.ts'

/** Range of a step, seconds: longer ones break contacts, shorter ones make an episode take minutes. */
const range = [0.0002, 0.02] as const

/**
 * Check the time step, so that no simulation seems to hang.
 * @throws WorldError `world/wrong-timestep` for one out of range.
 */
export function checkTimestep({ opt }: MjModel, robot: RobotDescription): void {
  const { timestep } = opt
  if (timestep >= range[0] && timestep <= range[1]) return
  throw new WorldError(
    'world/wrong-timestep',
    `the option timestep of ${robot.name} is ${timestep} s; it must be from ${range[0]} to ${range[1]}`,
    { robot: robot.name, timestep },
  )
}
