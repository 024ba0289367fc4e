import type { Color } from '../../data/index.ts'
import type { Vector3 } from '../renderer/index.ts'
import type { ColorName } from './colors.ts'
import { type DistractorName, distractors, type Kind, type KindName, kinds } from './kinds.ts'

/** Where the robot is: before the table, its head bowed; or on the free floor, looking out. */
export type Setting = 'table' | 'floor'

/** A thing in a scene, in the robot's frame as the robot stands at the beginning. */
export type SceneThing = {
  /** What its colour looks like: the named colour, a little lighter or darker; sRGB. */
  readonly shade: Color
  /** Metres, of the point below its middle on which it stands. */
  readonly position: Vector3
  /** Radians about z. */
  readonly yaw: number
  /** Times the size of its kind. */
  readonly scale: number
} & ({ readonly kind: KindName; readonly color: ColorName } | { readonly kind: DistractorName })

/** A thing that commands may speak of. */
export type NamedThing = Extract<SceneThing, { readonly color: ColorName }>

/** What stands where: plain data, from which simulation, picture and ground truth are made. */
export interface Scene {
  readonly setting: Setting
  /** A thing's place in this list is its number everywhere: in pictures, commands and files. */
  readonly things: readonly SceneThing[]
}

/** Whether commands may speak of a thing. */
export const isNamed = (thing: SceneThing): thing is NamedThing => 'color' in thing

/** The shape and size of a thing before it is scaled. */
export const kindOf = (thing: SceneThing): Omit<Kind, 'grasp'> =>
  isNamed(thing) ? kinds[thing.kind] : distractors[thing.kind]

/** The middle of a thing, metres in the robot's frame. */
export function centerOf(thing: SceneThing): Vector3 {
  const [x, y, z] = thing.position
  return [x, y, z + (thing.scale * kindOf(thing).height) / 2]
}
