import type { ColorName } from '../scene/colors.ts'
import type { KindName } from '../scene/kinds.ts'
import type { Setting } from '../scene/scene.ts'

/** What the robot may be told to do. */
export type Action = 'pick' | 'put' | 'point' | 'go'

/** Where each action is done. */
export const settingOf: Readonly<Record<Action, Setting>> = {
  pick: 'table',
  put: 'table',
  point: 'table',
  go: 'floor',
}

/** How one thing lies to another as the robot sees it: `front` is nearer to the robot, `behind` farther. */
export type Relation = 'left' | 'right' | 'front' | 'behind'

export const relations: readonly Relation[] = ['left', 'right', 'front', 'behind']

/** Words that mean a thing: "the red cup", "the green thing", "the book behind the cup". */
export interface Reference {
  readonly color?: ColorName
  /** Without it any kind is meant: "the red thing". */
  readonly kind?: KindName
  readonly relation?: { readonly is: Relation; readonly to: Omit<Reference, 'relation'> }
}

/** A command as a robot may take it apart. */
export interface Command {
  readonly action: Action
  readonly thing: Reference
  /** Where to put it; for `put` only. */
  readonly place?: NonNullable<Reference['relation']>
}

/** What a command means in a scene: places in its list of things. */
export interface Meaning {
  readonly action: Action
  readonly target: number
  /** Where to put the target: so to that thing. */
  readonly place?: { readonly is: Relation; readonly to: number }
}
