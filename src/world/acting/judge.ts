import { WorldError } from '../../core/index.ts'
import { type Meaning, settingOf } from '../commands/command.ts'
import { distanceToRelation } from '../commands/relations.ts'
import { navigationTarget } from '../expert/grasp.ts'
import type { Vector3 } from '../renderer/index.ts'
import { kinds } from '../scene/kinds.ts'
import { isNamed, type NamedThing } from '../scene/scene.ts'
import { pointInto, pointOutOf } from '../simulation/frame.ts'
import type { Simulation } from '../simulation/simulation.ts'

/** How far what was done is from what was meant. */
export interface Judgement {
  readonly success: boolean
  /**
   * Metres: at the table between the hand and where it grasps the thing; on the floor to where the robot should be; of
   * a thing that is to be put somewhere, the least by which it must be moved to lie there, as it lies now.
   */
  readonly distance: number
  /** Metres that count as success. */
  readonly tolerance: number
  /** At the table: which thing the hand is nearest to, by its place in the scene. */
  readonly nearest?: number
}

/**
 * Metres from the hand to the thing, and from the robot's middle to its place on the floor. What is put must lie within
 * the directions in which its relation holds, no higher or lower than `table` above or below the table's top.
 */
export const judgeTolerances = { hand: 0.03, robot: 0.1, put: 0, table: 0.1 } as const

/**
 * Judge a simulation as it is now: what is to be put somewhere by where it lies, all else at the table by the hand. The
 * hand counts where the thing is now, wherever it was pushed; so does the thing beside which another is put. A place on
 * the floor counts as it was seen from the beginning.
 * @throws WorldError `world/wrong-task` for a task of another setting or about what no command speaks of.
 */
export function judge(simulation: Simulation, { action, target, place }: Meaning): Judgement {
  const { setting, things } = simulation.scene
  const thing = things[target]
  if (thing === undefined || !isNamed(thing) || settingOf[action] !== setting) {
    const problem = `"${action}" with thing ${target} is no task of this scene`
    throw new WorldError('world/wrong-task', problem, { action, target, setting })
  }
  if (setting === 'floor') return judgeRobot(simulation, thing)
  return place ? judgePlace(simulation, target, place) : judgeHand(simulation, target)
}

/** Where a thing lies to another, as the robot saw them from where it stood at the beginning. */
function judgePlace(
  simulation: Simulation,
  target: number,
  { is, to }: NonNullable<Meaning['place']>,
): Judgement {
  const [thing, landmark] = [target, to].map((index) =>
    pointInto(simulation.startFrame, simulation.thingFrame(index).position),
  ) as [Vector3, Vector3]
  const distance = distanceToRelation(is, thing, landmark)
  const onTable = Math.abs(thing[2] - simulation.tableHeight) <= judgeTolerances.table
  return { success: onTable && distance <= judgeTolerances.put, distance, tolerance: judgeTolerances.put }
}

/** Where the robot has to be, in the frame of its beginning, where the scene is described. */
function judgeRobot(simulation: Simulation, thing: NamedThing): Judgement {
  const [x, y] = navigationTarget(thing)
  const place = pointOutOf(simulation.startFrame, [x, y, 0])
  const { position } = simulation.robotFrame()
  const distance = Math.hypot(position[0] - place[0], position[1] - place[1])
  return { success: distance <= judgeTolerances.robot, distance, tolerance: judgeTolerances.robot }
}

/** How far the hand is from where it grasps a thing, whatever is to be done with that. */
export function judgeHand(simulation: Simulation, target: number): Judgement {
  const hand = simulation.handFrame().position
  const distances = simulation.scene.things.map((thing, index) =>
    isNamed(thing) ? between(hand, graspPoint(simulation, thing, index)) : Number.POSITIVE_INFINITY,
  )
  const distance = distances[target]!
  const nearest = distances.indexOf(Math.min(...distances))
  return { success: distance <= judgeTolerances.hand, distance, tolerance: judgeTolerances.hand, nearest }
}

/** Where a thing is grasped, as it stands or lies now, in the world. */
const graspPoint = (simulation: Simulation, { kind, scale }: NamedThing, index: number): Vector3 =>
  pointOutOf(simulation.thingFrame(index), [0, 0, kinds[kind].grasp.height * scale])

const between = (a: Vector3, b: Vector3): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
