import type { DatasetOptions } from './options.ts'

/**
 * Parts of a data set, each with scenes of its own: a scene is drawn from the seed, its split's name and its number,
 * so that no scene is in two. `heldOutScenes` is for tests and says each command in held-out phrasings too;
 * `heldOutPairs` asks for things of colours and kinds that never meet in `train` and `validation`.
 */
export const splits = ['train', 'validation', 'heldOutScenes', 'heldOutPairs'] as const
export type Split = (typeof splits)[number]

/** Shares of the scenes; the rest is for training. */
const shares: Readonly<Record<Exclude<Split, 'train'>, number>> = {
  validation: 0.05,
  heldOutScenes: 0.1,
  heldOutPairs: 0.05,
}

/** Scenes in one file: what an interrupted run does again at most, for each of its threads. */
const scenesInShard = 250

/** One file of a data set. */
export interface ShardPlan {
  /** `train-00003.tar` */
  readonly file: string
  readonly split: Split
  /** Number of its first scene within the split. */
  readonly first: number
  readonly scenes: number
}

/** Scenes of each split. Every split but training has one at least. */
export function scenesOf({ scenes }: Pick<DatasetOptions, 'scenes'>): Record<Split, number> {
  const some = (split: keyof typeof shares) => Math.max(1, Math.round(scenes * shares[split]))
  const rest = {
    validation: some('validation'),
    heldOutScenes: some('heldOutScenes'),
    heldOutPairs: some('heldOutPairs'),
  }
  return { train: Math.max(1, scenes - rest.validation - rest.heldOutScenes - rest.heldOutPairs), ...rest }
}

/** The files of a data set in order. */
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
