import { lead } from '../../training/index.ts'
import {
  type DatasetOptions,
  type GenerateControls,
  generateDataset,
  generateEpisodes,
  tabletopRandomization,
} from '../../world/index.ts'
import type { Generation } from '../recipe/generation.ts'
import { members } from './members.ts'

/** Receiver of the progress of generating a data set. */
export interface GenerationProgress {
  /** @param missing Number of scenes or episodes to make. */
  readonly onStart?: (missing: number) => void
  /** Called after each scene or episode. */
  readonly onScene?: () => void
}

/**
 * Generate the data that a recipe needs. Existing shards are kept, so that a stopped generation goes on.
 * @throws ConfigError for options out of range, and when the directory holds a data set of other options.
 */
export async function generateData(
  { randomize, ...given }: Generation,
  { onStart, onScene }: GenerationProgress = {},
): Promise<void> {
  const controls: GenerateControls = {
    onStart: (there, total) => onStart?.(total - there),
    ...(onScene && { onScene }),
  }
  const look = randomizationOf(randomize)
  await lead(members(), async () => {
    if (given.kind === 'tabletop') {
      const { kind: _, directory, ...options } = given
      await generateDataset(directory, { ...options, ...look }, controls)
    } else {
      const { kind: _, directory, ...options } = given
      await generateEpisodes(directory, { ...options, ...look }, controls)
    }
  })
}

function randomizationOf(randomize: Generation['randomize']): Pick<DatasetOptions, 'randomization'> {
  if (randomize === false) return {}
  return { randomization: tabletopRandomization(randomize === true ? {} : randomize) }
}
