import { type DatasetOptions, generateDataset, tabletopRandomization } from '../../world/index.ts'
import type { Generation } from '../recipe/generation.ts'

/** Progress of making a data set. */
export interface GenerationProgress {
  /** @param missing Scenes that have to be made. */
  readonly onStart?: (missing: number) => void
  readonly onScene?: () => void
}

/**
 * Make the data that a recipe needs. Shards that are there are kept, so that a stopped generation goes on.
 * @throws ConfigError for options out of range, and when the directory holds a data set of other options.
 */
export async function generateData(
  { directory, world: _, randomize, ...options }: Generation,
  { onStart, onScene }: GenerationProgress = {},
): Promise<void> {
  await generateDataset(
    directory,
    { ...options, ...randomizationOf(randomize) },
    {
      onStart: (there, total) => onStart?.(total - there),
      ...(onScene && { onScene }),
    },
  )
}

function randomizationOf(randomize: Generation['randomize']): Pick<DatasetOptions, 'randomization'> {
  if (randomize === false) return {}
  return { randomization: tabletopRandomization(randomize === true ? {} : randomize) }
}
