import type { Vector3 } from '../renderer/index.ts'
import type { World } from './world.ts'

/** How the base drives. */
const driving = {
  /** Metres a second for each metre that is left, and at most. */
  gain: 2,
  fastest: 0.8,
  /** Metres from the goal at which it has arrived. */
  arrived: 0.01,
  /** Seconds between two looks at where it is. */
  period: 0.1,
}

/**
 * Drive towards a place for some seconds or until it is reached, without turning.
 * @param goal On the floor, in the world.
 * @param onStep Called after each 0.1 s.
 * @returns Whether it is reached.
 */
export function driveTowards(
  world: World,
  goal: Vector3,
  seconds: number,
  onStep: () => void = () => {},
): boolean {
  for (let time = 0; time < seconds; time += driving.period) {
    const [forward, left] = world.inRobotFrame(goal)
    const distance = Math.hypot(forward, left)
    if (distance < driving.arrived) break
    const share = Math.min(driving.gain, driving.fastest / distance)
    world.act({ base: { forward: forward * share, left: left * share, turn: 0 } }, driving.period)
    onStep()
  }
  const [forward, left] = world.inRobotFrame(goal)
  return Math.hypot(forward, left) < 2 * driving.arrived
}
