import type { ColorName } from '../scene/colors.ts'
import type { KindName } from '../scene/kinds.ts'
import type { Setting } from '../scene/scene.ts'

/** Action that a command asks for. */
export type Action = 'pick' | 'put' | 'push' | 'point' | 'go'

/** Setting of each action. */
export const settingOf: Readonly<Record<Action, Setting>> = {
  pick: 'table',
  put: 'table',
  push: 'table',
  point: 'table',
  go: 'floor',
}

/** Relation of one object to another from the robot's view: `front` is nearer to the robot, `behind` farther. */
export type Relation = 'left' | 'right' | 'front' | 'behind'

export const relations: readonly Relation[] = ['left', 'right', 'front', 'behind']

/** Relation in which an object can be put to another: beside it, or `on` one with a flat top. */
export type Placing = Relation | 'on'

/** Reference to an object in words: "the red cup", "the green thing", "the book behind the cup". */
export interface Reference {
  readonly color?: ColorName
  /** Kind; any if missing: "the red thing". */
  readonly kind?: KindName
  readonly relation?: { readonly is: Relation; readonly to: Omit<Reference, 'relation'> }
}

/** Command as a structure. */
export interface Command {
  readonly action: Action
  readonly thing: Reference
  /** Place of a `put`; no other action has one. */
  readonly place?: { readonly is: Placing; readonly to: Omit<Reference, 'relation'> }
  /** Direction of a `push` from the robot's view; no other action has one. */
  readonly direction?: Relation
}

/** Meaning of a command in a scene: indices into its list of objects. */
export interface Meaning {
  readonly action: Action
  readonly target: number
  /** Place of the target: this relation to that object. */
  readonly place?: { readonly is: Placing; readonly to: number }
  /** Direction in which the target is pushed: `front` is towards the robot. */
  readonly direction?: Relation
}
