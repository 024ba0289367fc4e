import type { Color } from '../../data/index.ts'
import type { Vector3 } from '../renderer/index.ts'
import type { ColorName } from './colors.ts'
import { type DistractorName, distractors, type Kind, type KindName, kinds } from './kinds.ts'

/** Place of the robot: before the table, its head bowed; or on the free floor, looking out. */
export type Setting = 'table' | 'floor'

/** Object in a scene, in the robot's frame at the start. */
export type SceneThing = {
  /** Visible colour: the named one, a little lighter or darker; sRGB. */
  readonly shade: Color
  /** Position of the point below its middle on which it stands, metres. */
  readonly position: Vector3
  /** Rotation about z, radians. */
  readonly yaw: number
  /** Factor of the size of its kind. */
  readonly scale: number
} & ({ readonly kind: KindName; readonly color: ColorName } | { readonly kind: DistractorName })

/** Object with a name in commands. */
export type NamedThing = Extract<SceneThing, { readonly color: ColorName }>

/** Scene as plain data, the source of simulation, image and ground truth. */
export interface Scene {
  readonly setting: Setting
  /** Objects; an index into this list identifies one everywhere: in images, commands and files. */
  readonly things: readonly SceneThing[]
}

/** Test for an object with a name in commands. */
export const isNamed = (thing: SceneThing): thing is NamedThing => 'color' in thing

/** Shape and size of an object before it is scaled. */
export const kindOf = (thing: SceneThing): Omit<Kind, 'grasp'> =>
  isNamed(thing) ? kinds[thing.kind] : distractors[thing.kind]

/** Middle of an object, metres in the robot's frame. */
export function centerOf(thing: SceneThing): Vector3 {
  const [x, y, z] = thing.position
  return [x, y, z + (thing.scale * kindOf(thing).height) / 2]
}
