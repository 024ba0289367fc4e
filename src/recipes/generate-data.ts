import { z } from 'zod'
import {
  type DatasetOptions,
  datasetDefaults,
  generateDataset,
  tabletopRandomization,
} from '../world/index.ts'

const count = z.int().positive()

/** A data set that a recipe makes for itself: see docs/recipes.md. */
export const generation = z.strictObject({
  world: z.literal('tabletop'),
  /** Where; what is there already is kept. */
  directory: z.string(),
  /** Of all splits together. */
  scenes: count,
  seed: z.int().default(0),
  /** Side of the pictures in pixels. */
  size: count.default(datasetDefaults.size),
  setting: z.enum(['table', 'floor', 'both']).default(datasetDefaults.setting),
  /** For one scene at most. */
  commands: count.default(datasetDefaults.commands),
  /** Ways to say each command. */
  captions: count.default(datasetDefaults.captions),
  smooth: z.boolean().default(datasetDefaults.smooth),
  /** Vary light, surfaces and camera: the usual ranges, or those given. */
  randomize: z.union([z.boolean(), z.record(z.string(), z.unknown())]).default(false),
  /** The MJCF of a robot of one's own. */
  robot: z.string().exactOptional(),
})

export type Generation = z.output<typeof generation>

/** Who wants to know how far it is. */
export interface GenerationProgress {
  /** @param missing Scenes that have to be made. */
  readonly onStart?: (missing: number) => void
  readonly onScene?: () => void
}

/**
 * Make what a recipe needs and is not there. Shards that are there are kept, so that a stopped generation goes on.
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
