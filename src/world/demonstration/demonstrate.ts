import type { Random } from '../../core/index.ts'
import type { Eyes, World } from '../acting/world.ts'
import type { Meaning } from '../commands/command.ts'
import { RobotControl } from '../control/robot-control.ts'
import type { Controls } from '../control/robot-numbers.ts'
import { TaskWatch } from '../control/task-watch.ts'
import { seenObjects } from '../expert/visibility.ts'
import { fingerJoints } from '../robot/joint-names.ts'
import type { Posture } from '../robot/postures.ts'
import type { Scene } from '../scene/scene.ts'
import { Disturbance } from './disturbance.ts'
import { type Answered, type ExpertStep, expertFor } from './experts.ts'

/** One moment of a demonstration. */
export interface DemonstratedFrame {
  /** Images of the cameras, RGB bytes [size, size, 3]; of the wrist's only if asked for. */
  readonly head: Uint8Array
  readonly wrist: Uint8Array | undefined
  readonly state: readonly number[]
  /** Action of the expert; the one carried out may be disturbed. */
  readonly action: readonly number[]
  /** [left, top, right, bottom] of the visible part of the commanded thing in the head's image; zeros where it is hidden. */
  readonly box: readonly number[]
  /** The same of the thing that it is to be put beside or on; zeros for other commands. */
  readonly landmark: readonly number[]
}

/**
 * Reasons for which a demonstration is refused: a place is out of reach, the task was not done in the end, or another
 * thing was moved by more than 3 cm.
 */
export const demonstrationRefusals = ['unreachable', 'failed', 'disturbed'] as const
export type DemonstrationRefusal = (typeof demonstrationRefusals)[number]

/** Strength of disturbances. */
export interface Disturbances {
  /** Standard deviation of the joints at the start, and of their executed targets, radians. Default 0.08 and 0.05. */
  readonly start: number
  readonly joints: number
  /** Standard deviation of the executed velocity of the base, metres a second. Default 0.15. */
  readonly base: number
  /**
   * Share of the demonstrations at the table that are second tries: they begin with the hand closed and empty, raised beside the
   * thing, as a grasp that missed leaves it; where the arm does not reach there, as all others. Default 0.3.
   */
  readonly missed: number
}

/** Default disturbances. */
export const usualDisturbances: Disturbances = { start: 0.08, joints: 0.05, base: 0.15, missed: 0.3 }

/** Metres of a missed grasp: deviation to each side, and the least and greatest height above it. */
const miss = { beside: 0.04, heights: [0.04, 0.14] } as const

/** Metres by which other things may be moved. */
const elsewhere = 0.03

/** Options of a demonstration. */
export interface DemonstrationOptions extends Controls {
  readonly eyes: Eyes
  /** True to draw the pictures of the wrist's camera, too. */
  readonly wrist: boolean
  readonly disturbances?: Disturbances
}

/**
 * Let an expert carry out a command in a scene, disturbed, and record what it does. The same stream gives the same frames.
 */
export function demonstrate(
  world: World,
  scene: Scene,
  meaning: Answered,
  random: Random,
  { base, actionSpace, disturbances = usualDisturbances, ...look }: DemonstrationOptions,
): DemonstratedFrame[] | DemonstrationRefusal {
  world.reset(scene)
  const grasp = meaning.labels.joints
  const missed =
    grasp && random.uniform() < disturbances.missed ? missedStart(world, grasp, random) : undefined
  world.reset(scene, missed ?? disturbedStart(world, random, disturbances.start))
  const control = new RobotControl(world, { base, actionSpace })
  const watch = new TaskWatch(world, meaning)
  const expert = expertFor(world, meaning)
  if (expert === undefined) return 'unreachable'
  const before = placesOf(world)
  const arm = new Disturbance(random, world.joints.length, disturbances.joints)
  const wheels = new Disturbance(random, 2, disturbances.base)
  const frames: DemonstratedFrame[] = []
  let done = false
  for (const step of expert) {
    const actionOf = ({ joints, gripper, base }: ExpertStep) => control.actionFor(joints, gripper, base)
    frames.push({ ...seen(world, meaning, look), state: control.state(), action: actionOf(step) })
    control.act(actionOf(disturbed(step, meaning, arm, wheels)))
    done = watch.next().done
  }
  if (!done) return 'failed'
  const moved = placesOf(world).some(
    (place, i) =>
      i !== meaning.target && Math.hypot(...place.map((x, axis) => x - before[i]![axis]!)) > elsewhere,
  )
  return moved ? 'disturbed' : frames
}

/** The arm is disturbed at the table, the base on the floor. */
function disturbed(step: ExpertStep, { action }: Meaning, arm: Disturbance, wheels: Disturbance): ExpertStep {
  if (action === 'go') {
    const [forward, left] = wheels.next(step.calm) as [number, number]
    const [x, y, turn] = step.base
    return { ...step, base: [x + forward, y + left, turn] }
  }
  const offsets = arm.next(step.calm)
  return { ...step, joints: step.joints.map((angle, i) => angle + offsets[i]!) }
}

/** Start posture with the arm a little elsewhere, within the joints' limits. */
function disturbedStart(world: World, random: Random, deviation: number): Posture {
  const { simulation } = world
  return Object.fromEntries(
    simulation.elements.arm.map((name) => {
      const { low, high } = simulation.element(name)
      const angle = simulation.joint(name) + random.normal(0, deviation)
      return [name, Math.min(high, Math.max(low, angle))]
    }),
  )
}

/** Start posture with the hand closed and empty above where it missed a grasp; undefined where the arm does not reach. */
function missedStart(world: World, grasp: readonly number[], random: Random): Posture | undefined {
  const away = [random.normal(0, miss.beside), random.normal(0, miss.beside), random.uniform(...miss.heights)]
  const { reached, joints } = world.withKinematics((arm) => {
    const { position, rotation } = arm.handAt(grasp)
    const [x, y, z] = position.map((value, axis) => value + away[axis]!) as [number, number, number]
    return arm.near({ position: [x, y, z], rotation }, grasp)
  })
  if (!reached) return undefined
  const { arm } = world.simulation.elements
  const fingers = fingerJoints.map((name) => [name, world.simulation.element(name).low])
  return Object.fromEntries([...arm.map((name, i) => [name, joints[i]!]), ...fingers])
}

/** Box of what is not seen. */
const nowhere = [0, 0, 0, 0] as const

function seen(
  world: World,
  { target, place }: Meaning,
  { eyes, wrist }: Pick<DemonstrationOptions, 'eyes' | 'wrist'>,
): Pick<DemonstratedFrame, 'head' | 'wrist' | 'box' | 'landmark'> {
  const head = world.observe({ ...eyes, camera: 'head' })
  const things = seenObjects(head, world.simulation.scene.things.length)
  const boxOf = (thing: number | undefined) =>
    (thing === undefined ? undefined : things[thing]?.box) ?? nowhere
  return {
    head: head.color,
    wrist: wrist ? world.observe({ ...eyes, camera: 'wrist' }).color : undefined,
    box: boxOf(target),
    landmark: boxOf(place?.to),
  }
}

const placesOf = ({ simulation }: World) =>
  simulation.scene.things.map((_, index) => simulation.thingFrame(index).position)
