import type { Complexity } from '../../data/index.ts'
import type { Action, Meaning } from '../commands/command.ts'
import type { Refusal } from '../expert/ground-truth.ts'
import type { SceneThing, Setting } from '../scene/scene.ts'

/** Record of one scene: a `.json` beside its `.png`. */
export interface SceneRecord {
  readonly setting: Setting
  readonly things: readonly SceneThing[]
  /** Pose of the camera: [x, y, z] in the world, rotation row by row; field of view in degrees. */
  readonly camera: {
    readonly position: readonly number[]
    readonly rotation: readonly number[]
    readonly verticalFov: number
  }
  /**
   * Robot's frame in the world, on the floor only: metres and rotation row by row. At the table both frames are equal.
   */
  readonly robot?: { readonly position: readonly number[]; readonly rotation: readonly number[] }
  readonly commands: readonly CommandRecord[]
}

/** Command about a scene with its right answers; one sample. */
export interface CommandRecord {
  /** Phrasings, each with exactly this meaning. */
  readonly captions: readonly string[]
  /** Held-out phrasings of the same meaning; always in the split `heldOutScenes`, and in no other. */
  readonly heldOutCaptions?: readonly string[]
  readonly action: Action
  /** Index of the target in `things`. */
  readonly target: number
  readonly place?: NonNullable<Meaning['place']>
  readonly direction?: NonNullable<Meaning['direction']>
  readonly labels: Readonly<Record<string, readonly number[]>>
  readonly complexity: Complexity
}

/** Counts of objects without a sample, by reason. `unnamed`: no words single the object out. */
export type Refusals = Readonly<Record<Refusal | 'unnamed', number>>

/** Counts of zero. */
export const noRefusals: Refusals = { hidden: 0, unreachable: 0, collision: 0, unnamed: 0 }

/** Sum of two counts. */
export const addRefusals = (a: Refusals, b: Refusals): Refusals => ({
  hidden: a.hidden + b.hidden,
  unreachable: a.unreachable + b.unreachable,
  collision: a.collision + b.collision,
  unnamed: a.unnamed + b.unnamed,
})
