import { WorldError } from '../../core/index.ts'
import { type Meaning, type Relation, settingOf } from '../commands/command.ts'
import { displacement, distanceToRelation, relationAngles } from '../commands/relations.ts'
import { navigationTarget } from '../expert/grasp.ts'
import type { Vector3 } from '../renderer/index.ts'
import { kinds } from '../scene/kinds.ts'
import { isNamed, kindOf, type NamedThing, type SceneThing } from '../scene/scene.ts'
import { pointInto, pointOutOf } from '../simulation/frame.ts'
import type { Simulation } from '../simulation/simulation.ts'

/** Distance between the outcome of an action and its goal. */
export interface Judgement {
  readonly success: boolean
  /**
   * Metres. At the table: from the hand to the object's grasp. On the floor: from the robot to its goal. For an object
   * to be put or pushed: the least displacement from its present place to a right one.
   */
  readonly distance: number
  /** Metres that count as success. */
  readonly tolerance: number
  /** Index in the scene of the object nearest to the hand; at the table only. */
  readonly nearest?: number
}

/**
 * Tolerances in metres: from the hand to the object, and from the robot's middle to its goal on the floor. An object to
 * be put must lie within the directions in which its relation holds, at most `table` above or below the table's top; one on
 * another at most `on` below its top, its middle within the other's radius. An object to be pushed must lie `push` or more
 * from its start, within the directions in which the relation of that name holds.
 */
export const judgeTolerances = { hand: 0.03, robot: 0.1, put: 0, table: 0.1, on: 0.01, push: 0.05 } as const

/**
 * Judge a simulation in its present state: an object to be put by its own position, all else at the table by the
 * hand's. Objects count at their present position, wherever they were pushed; a landmark as well. A goal on the floor
 * counts as seen from the start.
 * @throws WorldError `world/wrong-task` for a task of another setting or about an object that no command names.
 */
export function judge(simulation: Simulation, { action, target, place, direction }: Meaning): Judgement {
  const { setting, things } = simulation.scene
  const thing = things[target]
  if (thing === undefined || !isNamed(thing) || settingOf[action] !== setting) {
    const problem = `"${action}" with thing ${target} is no task of this scene`
    throw new WorldError('world/wrong-task', problem, { action, target, setting })
  }
  if (setting === 'floor') return judgeRobot(simulation, thing)
  if (direction) return judgePush(simulation, target, direction)
  return place ? judgePlace(simulation, target, place) : judgeHand(simulation, target)
}

/** Judge the relation of two objects, as seen from the robot's start. */
function judgePlace(
  simulation: Simulation,
  target: number,
  { is, to }: NonNullable<Meaning['place']>,
): Judgement {
  const [thing, landmark] = [target, to].map((index) =>
    pointInto(simulation.startFrame, simulation.thingFrame(index).position),
  ) as [Vector3, Vector3]
  if (is === 'on') return judgeOn(simulation.scene.things[to]!, thing, landmark)
  const distance = distanceToRelation(is, thing, landmark)
  const onTable = Math.abs(thing[2] - simulation.tableHeight) <= judgeTolerances.table
  return { success: onTable && distance <= judgeTolerances.put, distance, tolerance: judgeTolerances.put }
}

/** Judge an object that is to lie on another: its middle over that one, its ground not below that one's top. */
function judgeOn(on: SceneThing, thing: Vector3, landmark: Vector3): Judgement {
  const { radius, height } = kindOf(on)
  const aside = Math.max(0, Math.hypot(thing[0] - landmark[0], thing[1] - landmark[1]) - radius * on.scale)
  const below = Math.max(0, landmark[2] + height * on.scale - thing[2])
  const distance = Math.hypot(aside, below)
  return { success: aside === 0 && below <= judgeTolerances.on, distance, tolerance: judgeTolerances.on }
}

/** Judge the displacement of an object from its start, as seen from the robot's start. */
function judgePush(simulation: Simulation, target: number, direction: Relation): Judgement {
  const now = pointInto(simulation.startFrame, simulation.thingFrame(target).position)
  const { along, angle } = displacement(direction, simulation.scene.things[target]!.position, now)
  const onTable = Math.abs(now[2] - simulation.tableHeight) <= judgeTolerances.table
  const isThere = along >= judgeTolerances.push && angle <= relationAngles.holds * (Math.PI / 180)
  const distance = Math.max(0, judgeTolerances.push - along)
  return { success: onTable && isThere, distance, tolerance: 0 }
}

/** Judge the robot's position, in the frame of its start. */
function judgeRobot(simulation: Simulation, thing: NamedThing): Judgement {
  const [x, y] = navigationTarget(thing)
  const place = pointOutOf(simulation.startFrame, [x, y, 0])
  const { position } = simulation.robotFrame()
  const distance = Math.hypot(position[0] - place[0], position[1] - place[1])
  return { success: distance <= judgeTolerances.robot, distance, tolerance: judgeTolerances.robot }
}

/** Distance from the hand to the grasp of an object, for any action on it. */
export function judgeHand(simulation: Simulation, target: number): Judgement {
  const hand = simulation.handFrame().position
  const distances = simulation.scene.things.map((thing, index) =>
    isNamed(thing) ? between(hand, graspPoint(simulation, thing, index)) : Number.POSITIVE_INFINITY,
  )
  const distance = distances[target]!
  const nearest = distances.indexOf(Math.min(...distances))
  return { success: distance <= judgeTolerances.hand, distance, tolerance: judgeTolerances.hand, nearest }
}

/** Grasp point of an object in its present pose, in the world. */
const graspPoint = (simulation: Simulation, { kind, scale }: NamedThing, index: number): Vector3 =>
  pointOutOf(simulation.thingFrame(index), [0, 0, kinds[kind].grasp.height * scale])

const between = (a: Vector3, b: Vector3): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
