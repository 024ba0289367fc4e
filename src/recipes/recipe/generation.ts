import { z } from 'zod'
import { datasetDefaults } from '../../world/index.ts'

const count = z.int().positive()

/** A data set that a recipe makes for itself: see docs/recipes.md. */
export const generation = z.strictObject({
  world: z.literal('tabletop'),
  /** Where it is written; what is there already is kept. */
  directory: z.string(),
  /** Scenes of all splits together. */
  scenes: count,
  seed: z.int().default(0),
  /** Side of the images in pixels. */
  size: count.default(datasetDefaults.size),
  setting: z.enum(['table', 'floor', 'both']).default(datasetDefaults.setting),
  /** Commands for one scene at most. */
  commands: count.default(datasetDefaults.commands),
  /** Ways to say each command. */
  captions: count.default(datasetDefaults.captions),
  smooth: z.boolean().default(datasetDefaults.smooth),
  /** Vary light, surfaces and camera: the usual ranges, or those given. */
  randomize: z.union([z.boolean(), z.record(z.string(), z.unknown())]).default(false),
  /** The MJCF file of a robot of one's own. */
  robot: z.string().exactOptional(),
})

export type Generation = z.output<typeof generation>
