import type { Vector3 } from '../renderer/index.ts'
import type { World } from './world.ts'

/** Parameters of the base's motion. */
const driving = {
  /** Gain: metres a second for each metre left; and the greatest speed. */
  gain: 2,
  fastest: 0.8,
  /** Metres from the goal that count as arrival. */
  arrived: 0.01,
  /** Seconds between two measurements of the position. */
  period: 0.1,
}

/**
 * Drive towards a place for some seconds or until arrival, without turning.
 * @param goal Place on the floor, in the world.
 * @param onStep Callback after each 0.1 s.
 * @returns True on arrival.
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
