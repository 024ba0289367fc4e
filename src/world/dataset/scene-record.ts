import type { Complexity } from '../../data/index.ts'
import type { Action, Meaning } from '../commands/command.ts'
import type { Refusal } from '../expert/ground-truth.ts'
import type { SceneThing, Setting } from '../scene/scene.ts'

/** What is written about one scene: a `.json` beside its `.png`. */
export interface SceneRecord {
  readonly setting: Setting
  readonly things: readonly SceneThing[]
  /** The camera that took the picture: [x, y, z] in the world, rotation row by row, degrees. */
  readonly camera: {
    readonly position: readonly number[]
    readonly rotation: readonly number[]
    readonly verticalFov: number
  }
  /** On the floor: the robot's frame in the world, metres and rotation row by row. At the table they are the same. */
  readonly robot?: { readonly position: readonly number[]; readonly rotation: readonly number[] }
  readonly commands: readonly CommandRecord[]
}

/** One command about a scene with its right answers: what becomes a sample. */
export interface CommandRecord {
  /** Ways to say it, each with exactly this meaning. */
  readonly captions: readonly string[]
  /** The same in held-out phrasings; in the split `heldOutScenes`, always, and in no other. */
  readonly heldOutCaptions?: readonly string[]
  readonly action: Action
  /** Which thing, by its place in `things`. */
  readonly target: number
  readonly place?: NonNullable<Meaning['place']>
  readonly labels: Readonly<Record<string, readonly number[]>>
  readonly complexity: Complexity
}

/** Things that became no sample, by reason. `unnamed`: no words single it out. */
export type Refusals = Readonly<Record<Refusal | 'unnamed', number>>

/** What a count begins with. */
export const noRefusals: Refusals = { hidden: 0, unreachable: 0, collision: 0, unnamed: 0 }

/** The sum of two counts. */
export const addRefusals = (a: Refusals, b: Refusals): Refusals => ({
  hidden: a.hidden + b.hidden,
  unreachable: a.unreachable + b.unreachable,
  collision: a.collision + b.collision,
  unnamed: a.unnamed + b.unnamed,
})
