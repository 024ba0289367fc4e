import type { Color } from '../../data/index.ts'
import type { Shape3, Vector3 } from '../renderer/index.ts'

/** Piece of an object, in the object's frame: its origin below the middle, where it stands. */
export interface Part {
  readonly shape: Exclude<Shape3, { kind: 'mesh' | 'plane' }>
  readonly position: Vector3
  /** Unit quaternion [w, x, y, z]. Default: upright. */
  readonly rotation?: readonly [w: number, x: number, y: number, z: number]
  /** Colour. Default: the object's own. */
  readonly color?: Color
}

/** Grasp of an object, in the object's frame. */
export interface GraspHint {
  /** Height above the ground, metres. */
  readonly height: number
  /** Backward lean of the hand, radians, for an approach from above and before. */
  readonly lean: number
  /** True if the hand turns with the object; false for one that looks the same from all sides. */
  readonly turns: boolean
}

/** Kind of object, at its size on the table. */
export interface Kind {
  readonly parts: readonly Part[]
  /** Height from the ground to the top, metres. */
  readonly height: number
  /** Distance from the middle to the farthest side, metres. */
  readonly radius: number
  readonly grasp: GraspHint
}

const box = (x: number, y: number, z: number): Part['shape'] => ({ kind: 'box', halfSizes: [x, y, z] })
const cylinder = (radius: number, halfLength: number): Part['shape'] => ({
  kind: 'cylinder',
  radius,
  halfLength,
})
const capsule = (radius: number, halfLength: number): Part['shape'] => ({
  kind: 'capsule',
  radius,
  halfLength,
})
const ellipsoid = (x: number, y: number, z: number): Part['shape'] => ({
  kind: 'ellipsoid',
  radii: [x, y, z],
})
const sphere = (radius: number): Part['shape'] => ({ kind: 'sphere', radius })

/** Quarter turn about y, from along z to along x. */
const lying = [Math.SQRT1_2, 0, Math.SQRT1_2, 0] as const

const paper: Color = [0.94, 0.93, 0.88]
const hollow: Color = [0.13, 0.12, 0.12]
const steel: Color = [0.62, 0.64, 0.66]

/** Kinds in commands. A mat is a place on the floor to walk to. */
export const kinds = {
  cup: {
    parts: [
      { shape: cylinder(0.036, 0.043), position: [0, 0, 0.043] },
      { shape: cylinder(0.03, 0.001), position: [0, 0, 0.0865], color: hollow },
      { shape: box(0.011, 0.008, 0.024), position: [-0.046, 0, 0.045] },
    ],
    height: 0.088,
    radius: 0.057,
    grasp: { height: 0.065, lean: 0.5, turns: true },
  },
  ball: {
    parts: [{ shape: sphere(0.038), position: [0, 0, 0.038] }],
    height: 0.076,
    radius: 0.038,
    grasp: { height: 0.042, lean: 0.15, turns: false },
  },
  box: {
    parts: [
      { shape: box(0.05, 0.032, 0.03), position: [0, 0, 0.03] },
      { shape: box(0.05, 0.006, 0.0005), position: [0, 0, 0.0605], color: paper },
    ],
    height: 0.061,
    radius: 0.059,
    grasp: { height: 0.04, lean: 0, turns: true },
  },
  book: {
    parts: [
      { shape: box(0.058, 0.038, 0.004), position: [0, 0, 0.004] },
      { shape: box(0.056, 0.035, 0.009), position: [0, 0.002, 0.017], color: paper },
      { shape: box(0.058, 0.038, 0.004), position: [0, 0, 0.03] },
      { shape: box(0.058, 0.003, 0.017), position: [0, -0.036, 0.017] },
    ],
    height: 0.034,
    radius: 0.069,
    grasp: { height: 0.02, lean: 0.25, turns: true },
  },
  toy: {
    parts: [
      { shape: cylinder(0.028, 0.004), position: [0, 0, 0.004] },
      { shape: ellipsoid(0.048, 0.032, 0.03), position: [-0.008, 0, 0.032] },
      { shape: sphere(0.024), position: [0.03, 0, 0.066] },
      { shape: capsule(0.008, 0.009), position: [0.058, 0, 0.062], rotation: lying, color: [0.98, 0.7, 0.1] },
      { shape: sphere(0.005), position: [0.047, 0.015, 0.075], color: hollow },
      { shape: sphere(0.005), position: [0.047, -0.015, 0.075], color: hollow },
    ],
    height: 0.09,
    radius: 0.075,
    grasp: { height: 0.04, lean: 0.35, turns: true },
  },
  mat: {
    parts: [{ shape: cylinder(0.09, 0.002), position: [0, 0, 0.002] }],
    height: 0.004,
    radius: 0.09,
    grasp: { height: 0.01, lean: 0, turns: false },
  },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds

/** Names in the order of the label `category`. */
export const kindNames = Object.keys(kinds) as KindName[]

/** Objects outside of commands, in their own colours. */
export const distractors = {
  plate: {
    parts: [
      { shape: cylinder(0.05, 0.004), position: [0, 0, 0.004], color: [0.9, 0.9, 0.9] },
      { shape: cylinder(0.035, 0.0005), position: [0, 0, 0.0085], color: [0.8, 0.8, 0.82] },
    ],
    height: 0.009,
    radius: 0.05,
  },
  bottle: {
    parts: [
      { shape: cylinder(0.024, 0.04), position: [0, 0, 0.04], color: [0.3, 0.31, 0.32] },
      { shape: cylinder(0.009, 0.016), position: [0, 0, 0.094], color: [0.3, 0.31, 0.32] },
      { shape: cylinder(0.011, 0.006), position: [0, 0, 0.113], color: paper },
    ],
    height: 0.119,
    radius: 0.024,
  },
  can: {
    parts: [
      { shape: cylinder(0.026, 0.034), position: [0, 0, 0.034], color: steel },
      { shape: cylinder(0.022, 0.001), position: [0, 0, 0.068], color: [0.8, 0.81, 0.82] },
    ],
    height: 0.07,
    radius: 0.026,
  },
} as const satisfies Record<string, Omit<Kind, 'grasp'>>

export type DistractorName = keyof typeof distractors

export const distractorNames = Object.keys(distractors) as DistractorName[]
