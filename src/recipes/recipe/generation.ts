import { z } from 'zod'
import { datasetDefaults } from '../../world/index.ts'

const count = z.int().positive()

/** A data set that a recipe generates: see docs/recipes.md. */
export const generation = z.strictObject({
  kind: z.literal('tabletop'),
  /** Directory of the data set; existing shards are kept. */
  directory: z.string(),
  /** Number of scenes in all splits together. */
  scenes: count,
  seed: z.int().default(0),
  /** Side of the images in pixels. */
  size: count.default(datasetDefaults.size),
  setting: z.enum(['table', 'floor', 'both']).default(datasetDefaults.setting),
  /** Largest number of commands for one scene. */
  commands: count.default(datasetDefaults.commands),
  /** Number of phrasings of each command. */
  captions: count.default(datasetDefaults.captions),
  smooth: z.boolean().default(datasetDefaults.smooth),
  /** Randomize light, surfaces and camera: the default ranges, or the given ones. */
  randomize: z.union([z.boolean(), z.record(z.string(), z.unknown())]).default(false),
  /** MJCF file of a robot of one's own. */
  robot: z.string().exactOptional(),
})

export type Generation = z.output<typeof generation>
