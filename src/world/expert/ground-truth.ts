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

/** Right answers about one thing, by the names and in the units of the data set's labels. */
export interface Truth {
  /** [left, top, right, bottom] of its visible part, fractions of the picture. */
  readonly box: readonly number[]
  /** Its place in `kindNames`. */
  readonly category: number
  /** Share of it that is seen. */
  readonly visible: number
  /** At the table: [x, y, z, rx, ry, rz] of the hand that grasps it, metres and radians in the robot's frame. */
  readonly grasp?: readonly number[]
  /** At the table: angles of the arm's joints that bring the hand there, radians. */
  readonly joints?: readonly number[]
  /** On the floor: where to go, metres in the robot's frame. */
  readonly navigation?: Vector3
}

/**
 * Why there is no right answer: too little is seen, the hand does not come near enough, or the arm would be in
 * something.
 */
export type Refusal = 'hidden' | 'unreachable' | 'collision'

/** How much of a thing must be seen. */
export interface Visibility {
  /** Share of its pixels. */
  readonly share: number
  /** Pixels of a picture of 64 by 64; more of a larger one in proportion. */
  readonly pixels: number
}

/** What a thing must show by default to be told from others. */
export const defaultVisibility: Visibility = { share: 0.5, pixels: 12 }

/**
 * The right answers about each thing of a simulation that commands may speak of, as seen in a picture of it; or why
 * there are none. Undefined for other things. Moves the simulation's arm.
 * @param scene What was drawn: with the camera where it was.
 */
export function groundTruth(
  simulation: Simulation,
  kinematics: InverseKinematics,
  scene: RenderScene,
  rendering: Rendering,
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

/** Undefined when it is too little. */
function visibleShare(
  scene: RenderScene,
  { width, height }: Rendering,
  id: number,
  seen: Seen | undefined,
  { share, pixels }: Visibility,
): number | undefined {
  if (seen === undefined || seen.pixels < (pixels * width * height) / 64 ** 2) return undefined
  const visible = Math.min(1, seen.pixels / unobstructedPixels(scene, id))
  return visible < share ? undefined : visible
}

/**
 * Grasp and joint angles for a thing where it stands at the beginning. Where the arm would be in something, other
 * postures are tried, unless it is the hand: that is where it must be.
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
