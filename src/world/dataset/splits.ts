import type { DatasetOptions } from './options.ts'

/**
 * Splits of a data set, each with scenes of its own: a scene is drawn from the seed, its split's name and its number,
 * so that no scene is in two. `heldOutScenes` is for tests and has each command in held-out phrasings too;
 * `heldOutPairs` asks for objects of colours and kinds that never meet in `train` and `validation`.
 */
export const splits = ['train', 'validation', 'heldOutScenes', 'heldOutPairs'] as const
export type Split = (typeof splits)[number]

/** Fractions of the scenes; the rest is for training. */
const shares: Readonly<Record<Exclude<Split, 'train'>, number>> = {
  validation: 0.05,
  heldOutScenes: 0.1,
  heldOutPairs: 0.05,
}

/** Scenes in one file: the most work that an interruption costs each thread. */
const scenesInShard = 250

/** Plan of one file of a data set. */
export interface ShardPlan {
  /** Name of the file, `train-00003.tar`. */
  readonly file: string
  readonly split: Split
  /** Number of the first scene within the split. */
  readonly first: number
  readonly scenes: number
}

/** Count of scenes of each split. Every split but training has at least one. */
export function scenesOf({ scenes }: Pick<DatasetOptions, 'scenes'>): Record<Split, number> {
  const some = (split: keyof typeof shares) => Math.max(1, Math.round(scenes * shares[split]))
  const rest = {
    validation: some('validation'),
    heldOutScenes: some('heldOutScenes'),
    heldOutPairs: some('heldOutPairs'),
  }
  return { train: Math.max(1, scenes - rest.validation - rest.heldOutScenes - rest.heldOutPairs), ...rest }
}

/** Plan the files of a data set, in order. */
export function planShards(options: Pick<DatasetOptions, 'scenes'>): ShardPlan[] {
  return Object.entries(scenesOf(options)).flatMap(([split, scenes]) =>
    Array.from({ length: Math.ceil(scenes / scenesInShard) }, (_, number) => {
      const first = number * scenesInShard
      return {
        file: `${split}-${String(number).padStart(5, '0')}.tar`,
        split: split as Split,
        first,
        scenes: Math.min(scenesInShard, scenes - first),
      }
    }),
  )
}
