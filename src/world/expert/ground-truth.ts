import type { Rendering, RenderScene, Vector3 } from '../renderer/index.ts'
import { kindNames } from '../scene/kinds.ts'
import { isNamed, type NamedThing } from '../scene/scene.ts'
import { multiply, pointOutOf } from '../simulation/frame.ts'
import { rotationVector } from '../simulation/rotation.ts'
import type { Simulation } from '../simulation/simulation.ts'
import { armCollision } from './arm-collision.ts'
import { graspFrame, navigationTarget } from './grasp.ts'
import type { InverseKinematics } from './inverse-kinematics.ts'
import { type Seen, seenObjects, unobstructedPixels } from './visibility.ts'

/** Right answers about one object, by the names and in the units of the data set's labels. */
export interface Truth {
  /** [left, top, right, bottom] of the visible part, fractions of the image. */
  readonly box: readonly number[]
  /** Index in `kindNames`. */
  readonly category: number
  /** Visible fraction of the object. */
  readonly visible: number
  /** Pose of the grasping hand, at the table: [x, y, z, rx, ry, rz], metres and radians in the robot's frame. */
  readonly grasp?: readonly number[]
  /** Angles of the arm's joints for the grasp, at the table: radians. */
  readonly joints?: readonly number[]
  /** Goal of the robot, on the floor: metres in the robot's frame. */
  readonly navigation?: Vector3
}

/** Reason for a missing answer: the object is hidden, the hand does not come near enough, or the arm would collide. */
export type Refusal = 'hidden' | 'unreachable' | 'collision'

/** Least visible part of an object. */
export interface Visibility {
  /** Fraction of its pixels. */
  readonly share: number
  /** Pixels in an image of 64 by 64; scaled with the area of a larger one. */
  readonly pixels: number
}

/** Default visibility that an object needs to be recognized. */
export const defaultVisibility: Visibility = { share: 0.5, pixels: 12 }

/**
 * Right answers about each nameable object of a simulation, as seen in an image of it, or the reason for none.
 * Undefined for other objects. Moves the simulation's arm.
 * @param scene Rendered scene, with the camera where it was.
 */
export function groundTruth(
  simulation: Simulation,
  kinematics: InverseKinematics,
  scene: RenderScene,
  rendering: Omit<Rendering, 'color'>,
  visibility: Visibility = defaultVisibility,
): (Truth | Refusal | undefined)[] {
  const { things, setting } = simulation.scene
  const seen = seenObjects(rendering, things.length)
  return things.map((thing, index) => {
    if (!isNamed(thing)) return undefined
    const visible = visibleShare(scene, rendering, index + 1, seen[index], visibility)
    if (visible === undefined) return 'hidden'
    const common = { box: seen[index]!.box, category: kindNames.indexOf(thing.kind), visible }
    if (setting === 'floor') return { ...common, navigation: navigationTarget(thing) }
    const reach = reachFor(simulation, kinematics, thing)
    return typeof reach === 'string' ? reach : { ...common, ...reach }
  })
}

/** Visible fraction of an object; undefined when too small. */
function visibleShare(
  scene: RenderScene,
  { width, height }: Pick<Rendering, 'width' | 'height'>,
  id: number,
  seen: Seen | undefined,
  { share, pixels }: Visibility,
): number | undefined {
  if (seen === undefined || seen.pixels < (pixels * width * height) / 64 ** 2) return undefined
  const visible = Math.min(1, seen.pixels / unobstructedPixels(scene, id))
  return visible < share ? undefined : visible
}

/**
 * Grasp and joint angles for an object in its start pose. If the arm would collide, other postures are tried; a
 * collision of the hand has no remedy.
 */
function reachFor(
  simulation: Simulation,
  kinematics: InverseKinematics,
  thing: NamedThing,
): Pick<Truth, 'grasp' | 'joints'> | Refusal {
  const robot = simulation.robotFrame()
  const grasp = graspFrame(thing)
  const target = {
    position: pointOutOf(robot, grasp.position),
    rotation: multiply(robot.rotation, grasp.rotation),
  }
  const answer = (joints: readonly number[]) => ({
    grasp: [...grasp.position, ...rotationVector(grasp.rotation)],
    joints,
  })
  const first = kinematics.solve(target)
  if (!first.reached) return 'unreachable'
  // Each search leaves the arm at its answer.
  const collision = armCollision(simulation)
  if (!collision) return answer(first.joints)
  if (collision.ofHand) return 'collision'
  for (const { joints } of kinematics.others(target, first))
    if (!armCollision(simulation)) return answer(joints)
  return 'collision'
}
