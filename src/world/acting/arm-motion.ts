import type { InverseKinematics } from '../expert/inverse-kinematics.ts'
import type { Vector3 } from '../renderer/index.ts'
import { type Frame, multiply } from '../simulation/frame.ts'
import { rotationMatrix } from '../simulation/rotation.ts'
import type { World } from './world.ts'

/** Parameters of the arm's motion to a goal. */
const motion = {
  /** Metres above the goal at which the hand crosses the table, and radians of its backward lean on the way. */
  height: 0.2,
  lean: 0.6,
  /** Metres from the goal to the places through which the hand descends along its own axis. */
  approach: [0.2, 0.15, 0.1, 0.05],
  /** Radians between a joint and the usual answer beyond which the arm approaches in the posture of the goal. */
  unusual: 0.3,
  /** Fractions of the way across at which the height is kept. */
  across: [0, 0.25, 0.5, 0.75, 1],
  /** Seconds to the first place of the approach, along the approach, and to come to rest. */
  over: 1.6,
  down: 0.8,
  rest: 0.3,
  /** Seconds between two aims. */
  period: 0.04,
}

type Angles = readonly number[]

/**
 * Bring the arm to joint angles along a careful path: up, across, and down along the hand's own axis, so that it comes
 * from above and not through obstacles at the goal. The path uses the arm's kinematics only, nothing of the scene.
 * Places out of reach are left out.
 * @param onStep Callback after each 40 ms.
 */
export function moveArm(world: World, joints: Angles, onStep: () => void = () => {}): void {
  const start = world.joints
  const { over, down } = world.withKinematics((kinematics) => wayTo(world, kinematics, start, joints))
  followArm(world, over, motion.over, onStep)
  followArm(world, down, motion.down, onStep)
  for (let time = 0; time < motion.rest; time += motion.period) {
    world.act({ joints }, motion.period)
    onStep()
  }
}

/** Careful path from joint angles to others: across above the table, then down along the hand's own axis. */
export function wayTo(
  world: World,
  kinematics: InverseKinematics,
  start: Angles,
  joints: Angles,
): { readonly over: readonly Angles[]; readonly down: readonly Angles[] } {
  const from = kinematics.handAt(start).position
  const goal = kinematics.handAt(joints)
  const approach = approachTo(kinematics, goal, joints)
  return {
    over: [...crossing(world, kinematics, from, goal), ...approach.slice(0, 1)],
    down: [...approach.slice(1), joints],
  }
}

/** Approach along the hand's axis, in the usual postures unless the goal's posture is another. */
function approachTo(kinematics: InverseKinematics, goal: Frame, joints: Angles): Angles[] {
  const places = motion.approach.map((distance) => withdrawn(goal, distance))
  const usual = kinematics.solve(goal)
  const isUsual = joints.every((angle, i) => Math.abs(angle - usual.joints[i]!) <= motion.unusual)
  if (isUsual || !usual.reached) return reachable(kinematics, places)
  let last = joints
  const back = places.reverse().map((place) => {
    const reach = kinematics.near(place, last)
    if (reach.reached) last = reach.joints
    return reach
  })
  return back.flatMap(({ reached, joints }) => (reached ? [joints] : [])).reverse()
}

/** Way across from above the hand to above its goal. */
function crossing(world: World, kinematics: InverseKinematics, from: Vector3, goal: Frame): Angles[] {
  const height = Math.max(from[2], goal.position[2] + motion.height)
  const places = motion.across.map((share): Vector3 => {
    const between = (axis: 0 | 1) => from[axis] + share * (goal.position[axis] - from[axis])
    return [between(0), between(1), height]
  })
  const rotation = multiply(world.simulation.robotFrame().rotation, rotationMatrix([0, -motion.lean, 0]))
  return reachable(
    kinematics,
    places.map((position) => ({ position, rotation })),
  )
}

const reachable = (kinematics: InverseKinematics, frames: readonly Frame[]): Angles[] =>
  frames.map((frame) => kinematics.solve(frame)).flatMap(({ reached, joints }) => (reached ? [joints] : []))

/** Frame moved along its z, from the fingertips towards the wrist. */
function withdrawn({ position: [x, y, z], rotation }: Frame, distance: number): Frame {
  const along = [rotation[2]!, rotation[5]!, rotation[8]!] as const
  return { position: [x + distance * along[0], y + distance * along[1], z + distance * along[2]], rotation }
}

/**
 * Aim at the stops one after the other, with rest at the beginning and the end only: 10 t³ − 15 t⁴ + 6 t⁵ of the way,
 * the motion of least jerk (Flash and Hogan 1985).
 */
export function followArm(
  world: World,
  targets: readonly Angles[],
  seconds: number,
  onStep: () => void,
): void {
  if (targets.length === 0) return
  const stops = [world.joints, ...targets]
  const steps = Math.ceil(seconds / motion.period)
  for (let step = 1; step <= steps; step++) {
    const t = step / steps
    world.act({ joints: along(stops, t ** 3 * (10 - 15 * t + 6 * t * t)) }, motion.period)
    onStep()
  }
}

/** Angles at a fraction of the way along straight pieces, measured by the joint that moves most. */
export function along(stops: readonly Angles[], share: number): Angles {
  const lengths = stops
    .slice(1)
    .map((stop, i) => Math.max(...stop.map((angle, j) => Math.abs(angle - stops[i]![j]!))))
  let left = share * lengths.reduce((sum, length) => sum + length, 0)
  const piece = lengths.findIndex((length, i) => {
    if (left <= length || i === lengths.length - 1) return true
    left -= length
    return false
  })
  const [from, to] = [stops[piece]!, stops[piece + 1]!]
  const part = lengths[piece]! > 0 ? left / lengths[piece]! : 1
  return from.map((angle, i) => angle + part * (to[i]! - angle))
}
