import type { Vector3 } from '../renderer/index.ts'
import type { Relation } from './command.ts'

/** Direction of each relation in the robot's frame: x forward, y left. */
const directions: Readonly<Record<Relation, readonly [x: number, y: number]>> = {
  left: [0, 1],
  right: [0, -1],
  front: [-1, 0],
  behind: [1, 0],
}

/** Degrees from a relation's direction: the relation holds up to the first and fails from the second on. */
export const relationAngles = { holds: 35, fails: 55 }

/**
 * Test for an object at `place` that lies `relation` of one at `landmark`, metres in the robot's frame; undefined
 * between 35° and 55° from the direction, where people disagree and another relation begins.
 */
export function relationHolds(relation: Relation, place: Vector3, landmark: Vector3): boolean | undefined {
  const angle = angleFrom(relation, place, landmark) * (180 / Math.PI)
  if (angle <= relationAngles.holds) return true
  return angle >= relationAngles.fails ? false : undefined
}

/** Angle between a relation's direction and the direction from `landmark` to `place`, radians from 0 to π. */
function angleFrom(relation: Relation, place: Vector3, landmark: Vector3): number {
  const [x, y] = directions[relation]
  const away = [place[0] - landmark[0], place[1] - landmark[1]] as const
  return Math.atan2(Math.abs(x * away[1] - y * away[0]), x * away[0] + y * away[1])
}

/** Least displacement from `place` to a place where the relation holds, metres; 0 where it does. */
export function distanceToRelation(relation: Relation, place: Vector3, landmark: Vector3): number {
  const away = Math.hypot(place[0] - landmark[0], place[1] - landmark[1])
  const beyond = angleFrom(relation, place, landmark) - relationAngles.holds * (Math.PI / 180)
  if (beyond <= 0) return 0
  return beyond < Math.PI / 2 ? away * Math.sin(beyond) : away
}

/** Metres of a displacement along a relation's direction, and radians from it. */
export function displacement(
  relation: Relation,
  from: Vector3,
  to: Vector3,
): { along: number; angle: number } {
  const [x, y] = directions[relation]
  return { along: x * (to[0] - from[0]) + y * (to[1] - from[1]), angle: angleFrom(relation, to, from) }
}

/** Place at `distance` metres from a landmark in a relation's direction, at the landmark's height. */
export function placeBeside(relation: Relation, [x, y, z]: Vector3, distance: number): Vector3 {
  const [dx, dy] = directions[relation]
  return [x + distance * dx, y + distance * dy, z]
}
