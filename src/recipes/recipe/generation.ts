import { z } from 'zod'
import { actionSpaces, datasetDefaults, demonstratedTasks, episodeDefaults } from '../../world/index.ts'

const count = z.int().positive()

const scenes = z.strictObject({
  kind: z.literal('tabletop'),
  /** Directory of the data set; existing shards are kept. */
  directory: z.string(),
  /** Number of scenes in all splits together. */
  scenes: count,
  seed: z.int().default(0),
  /** Side of the images in pixels. */
  size: count.default(datasetDefaults.size),
  setting: z.enum(['table', 'floor', 'both']).default(datasetDefaults.setting),
  /** Tasks that the commands ask for, in turn. Default: anything of the setting. */
  tasks: z.array(z.enum(demonstratedTasks)).nonempty().exactOptional(),
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

const episodes = z.strictObject({
  kind: z.literal('tabletopEpisodes'),
  /** Directory of the data sets of all splits; existing episodes are kept. */
  directory: z.string(),
  /** Number of episodes in all splits together. */
  episodes: count,
  seed: z.int().default(0),
  /** Tasks of the episodes, in turn. */
  tasks: z
    .array(z.enum(demonstratedTasks))
    .nonempty()
    .default(() => [...episodeDefaults.tasks]),
  /** Side of the images in pixels. */
  size: count.default(episodeDefaults.size),
  /** Numbers in which state and action tell of the arm: the angles of its joints, or the pose of its hand. */
  actionSpace: z.enum(actionSpaces).default(episodeDefaults.actionSpace),
  /** Share of the episodes at the table that are second tries, after a grasp that missed. */
  secondTries: z.number().min(0).max(1).default(episodeDefaults.secondTries),
  /** Pictures of the wrist's camera, too. */
  wrist: z.boolean().default(episodeDefaults.wrist),
  smooth: z.boolean().default(episodeDefaults.smooth),
  randomize: z.union([z.boolean(), z.record(z.string(), z.unknown())]).default(false),
  robot: z.string().exactOptional(),
})

/** A data set that a recipe generates: see docs/recipes.md. */
export const generation = z.discriminatedUnion('kind', [scenes, episodes])

export type Generation = z.output<typeof generation>
