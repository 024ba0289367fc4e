import { lead } from '../../training/index.ts'
import { type DatasetOptions, generateDataset, tabletopRandomization } from '../../world/index.ts'
import type { Generation } from '../recipe/generation.ts'
import { members } from './members.ts'

/** Receiver of the progress of generating a data set. */
export interface GenerationProgress {
  /** @param missing Number of scenes to make. */
  readonly onStart?: (missing: number) => void
  readonly onScene?: () => void
}

/**
 * Generate the data that a recipe needs. Existing shards are kept, so that a stopped generation goes on.
 * @throws ConfigError for options out of range, and when the directory holds a data set of other options.
 */
export async function generateData(
  { directory, kind: _, randomize, ...options }: Generation,
  { onStart, onScene }: GenerationProgress = {},
): Promise<void> {
  const settings = { ...options, ...randomizationOf(randomize) }
  await lead(members(), async () => {
    await generateDataset(directory, settings, {
      onStart: (there, total) => onStart?.(total - there),
      ...(onScene && { onScene }),
    })
  })
}

function randomizationOf(randomize: Generation['randomize']): Pick<DatasetOptions, 'randomization'> {
  if (randomize === false) return {}
  return { randomization: tabletopRandomization(randomize === true ? {} : randomize) }
}
