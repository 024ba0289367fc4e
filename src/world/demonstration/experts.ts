import { along } from '../acting/arm-motion.ts'
import type { World } from '../acting/world.ts'
import type { Meaning } from '../commands/command.ts'
import { controlRate } from '../control/robot-numbers.ts'
import type { CommandRecord } from '../dataset/scene-record.ts'
import { navigationTarget } from '../expert/grasp.ts'
import { isNamed } from '../scene/scene.ts'
import { pointOutOf } from '../simulation/frame.ts'
import { type ArmMove, planArm } from './arm-plan.ts'

/** Next step of an expert. */
export interface ExpertStep {
  readonly joints: readonly number[]
  readonly gripper: number
  /** Velocity of the base in the robot's frame, metres a second. */
  readonly base: readonly [forward: number, left: number, turn: number]
  /** True where nothing may disturb it. */
  readonly calm: boolean
}

/** A meaning with its right answers. */
export type Answered = Meaning & Pick<CommandRecord, 'labels'>

/** Gain of driving, 1/s; fastest speed, m/s; metres from the goal that are arrival; most seconds of the way. */
const driving = { gain: 2, fastest: 0.8, arrived: 0.015, calm: 0.15, longest: 6, rest: 0.4 } as const

const still = [0, 0, 0] as const

/**
 * Steps of an expert for a command, step by step, as it looks at the world then. It ends where it thinks that all is done.
 * Undefined for what it cannot do: a place out of the arm's reach.
 */
export function expertFor(world: World, meaning: Answered): Iterable<ExpertStep> | undefined {
  if (meaning.action === 'go') return driveTo(world, meaning)
  const plan = world.withKinematics((arm) => planArm(world, meaning, meaning.labels.joints!, arm))
  return plan && armSteps(world, plan)
}

/** Steps of planned moves of the arm: 10 t³ − 15 t⁴ + 6 t⁵ of the way of each, the motion of least jerk (Flash and Hogan 1985). */
export function* armSteps(world: World, moves: readonly ArmMove[]): Generator<ExpertStep> {
  let joints: readonly number[] = world.joints
  for (const { stops, seconds, gripper, calm } of moves) {
    const path = [joints, ...stops]
    const steps = Math.round(seconds * controlRate)
    for (let step = 1; step <= steps; step++) {
      const t = step / steps
      joints = stops.length === 0 ? joints : along(path, t ** 3 * (10 - 15 * t + 6 * t * t))
      yield { joints, gripper, base: still, calm: (steps - step) / controlRate < calm }
    }
  }
}

/** Steps of a base that drives straight to its goal and rests there. */
function* driveTo(world: World, { target }: Meaning): Generator<ExpertStep> {
  const { simulation, joints } = world
  const thing = simulation.scene.things[target]!
  if (!isNamed(thing)) return
  const goal = pointOutOf(simulation.startFrame, navigationTarget(thing))
  let rested = 0
  for (let step = 0; step < driving.longest * controlRate && rested < driving.rest * controlRate; step++) {
    const [forward, left] = world.inRobotFrame(goal)
    const distance = Math.hypot(forward, left)
    rested = distance < driving.arrived ? rested + 1 : 0
    const share = Math.min(driving.gain, driving.fastest / Math.max(distance, 1e-9))
    yield { joints, gripper: 1, base: [forward * share, left * share, 0], calm: distance < driving.calm }
  }
}
