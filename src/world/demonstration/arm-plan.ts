import { wayTo } from '../acting/arm-motion.ts'
import type { World } from '../acting/world.ts'
import { placeOf, pushLength } from '../commands/choose-command.ts'
import type { Meaning, Relation } from '../commands/command.ts'
import { placeBeside } from '../commands/relations.ts'
import type { InverseKinematics } from '../expert/inverse-kinematics.ts'
import type { Vector3 } from '../renderer/index.ts'
import { kindOf } from '../scene/scene.ts'
import { type Frame, pointOutOf } from '../simulation/frame.ts'

/** Joint angles, radians. */
export type Angles = readonly number[]

/** Piece of a motion of the arm: stops one after the other, with rest at the beginning and the end only. */
export interface ArmMove {
  /** Empty to stay where the arm is. */
  readonly stops: readonly Angles[]
  readonly seconds: number
  /** Opening of the gripper meanwhile, from 0 to 1. */
  readonly gripper: number
  /** Seconds at its end in which nothing may disturb the arm. */
  readonly calm: number
}

/**
 * Metres of the expert's way: of a lift, above the ground on release, back along the hand's axis afterwards; from a thing's
 * side to the hand before a push, and of the hand beyond the length of the push.
 */
const way = { lift: 0.12, release: 0.004, leave: 0.1, beside: 0.035, beyond: 0.02 } as const

/** Seconds of each piece of the motion: brisk, so that episodes are short. */
const pace = {
  reach: 1.2,
  close: 0.35,
  lift: 0.45,
  carry: 0.7,
  lower: 0.45,
  open: 0.3,
  push: 0.8,
  leave: 0.35,
  rest: 0.3,
} as const

/** Seconds before a contact in which the arm is left alone. */
const calm = 0.35

/**
 * Plan of an expert that picks a thing up, and puts it at its place where the meaning has one; undefined where the arm
 * does not reach. It knows where things are, and nothing of what may go wrong.
 * @param grasp Joint angles of a grasp without a collision of the arm.
 */
export function planArm(
  world: World,
  meaning: Meaning,
  grasp: Angles,
  arm: InverseKinematics,
): ArmMove[] | undefined {
  const { target, direction, place } = meaning
  const start = world.joints // kinematics move them
  if (direction) return planPush(world, start, target, direction, grasp, arm)
  if (place === undefined) return planTaking(world, start, grasp, arm)
  const { scene, startFrame } = world.simulation
  const thing = scene.things[target]!
  const [from, to] = [thing.position, placeOf(scene, target, place)].map((point) =>
    pointOutOf(startFrame, point),
  ) as [Vector3, Vector3]
  const moved = to.map((value, axis) => value - from[axis]!) as unknown as Vector3
  return planTaking(world, start, grasp, arm, moved)
}

/**
 * Plan of a hand that takes what is at a grasp, and carries it away; undefined where the arm does not reach.
 * @param start Joint angles from which the arm sets out. @param grasp Those of the grasp.
 * @param moved Metres along the world's axes by which the thing is to be carried. Default: it is picked up only.
 */
export function planTaking(
  world: World,
  start: Angles,
  grasp: Angles,
  arm: InverseKinematics,
  moved?: Vector3,
): ArmMove[] | undefined {
  const { over, down } = wayTo(world, arm, start, grasp)
  const held = arm.handAt(grasp)
  const up = chained(arm, grasp, [raised(held, way.lift)])
  if (up === undefined) return undefined
  const pick: ArmMove[] = [
    { stops: [...over, ...down], seconds: pace.reach, gripper: 1, calm },
    { stops: [], seconds: pace.close, gripper: 0, calm: pace.close },
    { stops: up, seconds: pace.lift, gripper: 0, calm },
  ]
  if (moved === undefined) return [...pick, { stops: [], seconds: pace.rest, gripper: 0, calm: pace.rest }]
  const [x, y, z] = held.position.map((value, axis) => value + moved[axis]!) as [number, number, number]
  const place = { position: [x, y, z + way.release] as const, rotation: held.rotation }
  const put = chained(arm, up[0]!, [raised(place, way.lift), place, along(place, way.leave)])
  if (put === undefined) return undefined
  const [above, low, away] = put as [Angles, Angles, Angles]
  return [
    ...pick,
    { stops: [above], seconds: pace.carry, gripper: 0, calm: 0 },
    { stops: [low], seconds: pace.lower, gripper: 0, calm },
    { stops: [], seconds: pace.open, gripper: 1, calm: pace.open },
    { stops: [away], seconds: pace.leave, gripper: 1, calm },
    { stops: [], seconds: pace.rest, gripper: 1, calm: pace.rest },
  ]
}

/**
 * Plan of a push: the closed hand comes down beside the thing, moves on in the direction, and rises.
 * @param start Joint angles from which the arm sets out. @param grasp Those of a grasp, whose posture and height the hand keeps.
 */
function planPush(
  world: World,
  start: Angles,
  target: number,
  direction: Relation,
  grasp: Angles,
  arm: InverseKinematics,
): ArmMove[] | undefined {
  const { scene, startFrame } = world.simulation
  const thing = scene.things[target]!
  const held = arm.handAt(grasp)
  const reach = kindOf(thing).radius * thing.scale
  const at = (distance: number): Frame => {
    const moved = pointOutOf(startFrame, placeBeside(direction, thing.position, distance))
    const from = pointOutOf(startFrame, thing.position)
    const position = held.position.map((value, axis) => value + moved[axis]! - from[axis]!)
    return { position: position as unknown as Vector3, rotation: held.rotation }
  }
  const [beside, end] = [at(-reach - way.beside), at(pushLength + way.beyond - reach)]
  const touch = chained(arm, grasp, [beside])
  if (touch === undefined) return undefined
  const { over, down } = wayTo(world, arm, start, touch[0]!)
  const pushed = chained(arm, touch[0]!, [end, raised(end, way.lift)])
  if (pushed === undefined) return undefined
  const [there, up] = pushed as [Angles, Angles]
  return [
    { stops: [...over, ...down], seconds: pace.reach, gripper: 0, calm },
    { stops: [there], seconds: pace.push, gripper: 0, calm: 0 },
    { stops: [up], seconds: pace.leave, gripper: 0, calm: 0 },
    { stops: [], seconds: pace.rest, gripper: 0, calm: pace.rest },
  ]
}

/** Joint angles for frames, each in the posture of the one before; undefined where one is out of reach. */
function chained(arm: InverseKinematics, start: Angles, frames: readonly Frame[]): Angles[] | undefined {
  let last = start
  const reaches = frames.map((frame) => {
    const reach = arm.near(frame, last)
    last = reach.joints
    return reach
  })
  return reaches.every(({ reached }) => reached) ? reaches.map(({ joints }) => joints) : undefined
}

const raised = ({ position: [x, y, z], rotation }: Frame, height: number): Frame => ({
  position: [x, y, z + height],
  rotation,
})

/** Frame moved along its z, from the fingertips towards the wrist. */
const along = ({ position: [x, y, z], rotation: r }: Frame, distance: number): Frame => ({
  position: [x + distance * r[2]!, y + distance * r[5]!, z + distance * r[8]!],
  rotation: r,
})
