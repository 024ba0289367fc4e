import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError } from '../../../core/index.ts'
import { labelKindsSpec } from '../label-spec.ts'

/** Splits that have shards of their own. */
export const tabletopShardSplits = ['train', 'validation', 'heldOutScenes', 'heldOutPairs'] as const

/** Splits that a user can choose: `heldOutPhrasings` has the scenes of `heldOutScenes` with other words. */
export const tabletopSplits = [...tabletopShardSplits, 'heldOutPhrasings'] as const
export type TabletopSplit = (typeof tabletopSplits)[number]

/** Place of the robot: before the table, or on the free floor. */
export const tabletopSettings = ['table', 'floor'] as const
export type TabletopSetting = (typeof tabletopSettings)[number]

/** Labels that samples of each setting have; `place` only for commands to put an object. */
export const labelsOfSetting: Readonly<Record<TabletopSetting, readonly string[]>> = {
  table: ['box', 'category', 'grasp', 'joints', 'place', 'landmark'],
  floor: ['box', 'category', 'navigation'],
}

const count = z.number().int().min(0)

const shard = z.strictObject({
  file: z.string(),
  split: z.enum(tabletopShardSplits),
  scenes: count,
  /** Counts of commands, which are the samples, by their setting. */
  samples: z.strictObject({ table: count, floor: count }),
})

/** Name of the file that describes a data set. */
export const tabletopFile = 'dataset.json'

/**
 * Format and version of a data set. The version also counts changes of the output for the same options: 1 had no scenes
 * on the way and no sentences that begin with the object; 2 asked to put objects at their own places, and gave up on
 * more collisions.
 */
export const tabletopFormat = { format: 'visuomotor-tabletop', version: 4 } as const

const description = z.strictObject({
  format: z.literal(tabletopFormat.format),
  version: z.literal(tabletopFormat.version),
  /** Options of the generator, including the seed. */
  options: z.record(z.string(), z.unknown()),
  /** Names of the classes of the label `category`. */
  categories: z.array(z.string()),
  labels: labelKindsSpec,
  /** Camera without randomization. */
  camera: z.strictObject({ width: count, height: count, verticalFov: z.number() }),
  /** Counts of the contents, present once all is made. */
  contents: z
    .strictObject({
      scenes: count,
      samples: count,
      /** Counts of objects that became no sample, by reason. */
      refusals: z.record(z.string(), count),
      shards: z.array(shard),
    })
    .optional(),
})

/** Content of `dataset.json`. */
export type TabletopDescription = z.output<typeof description>
export type TabletopContents = NonNullable<TabletopDescription['contents']>

/**
 * Read the description of a data set in a directory.
 * @throws DataError `data/missing-description` when there is none, `data/malformed-description` when it has another
 * form, `data/other-version` when an earlier or later generator made it.
 */
export function readTabletopDescription(directory: string): TabletopDescription {
  const file = join(directory, tabletopFile)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const wayOut = `Make it with: visuomotor data generate tabletop --out ${directory}`
    const message = `${directory} holds no data set: ${file} cannot be read. ${wayOut}`
    throw new DataError('data/missing-description', message, { file }, { cause })
  }
  try {
    const content: unknown = JSON.parse(text)
    refuseOtherVersion(content, file)
    return description.parse(content)
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)
    const message = `${file} does not describe a tabletop data set of version ${tabletopFormat.version}: ${problem}`
    throw new DataError('data/malformed-description', message, { file }, { cause })
  }
}

/**
 * Refuse the data set of another version.
 * @throws DataError `data/other-version` for a data set that another version of the generator made.
 */
function refuseOtherVersion(content: unknown, file: string): void {
  const { format, version }: { format?: unknown; version?: unknown } = Object(content)
  if (format !== tabletopFormat.format || version === tabletopFormat.version) return
  const message =
    `${file}: this data set is of version ${version}, scenes are made in version ${tabletopFormat.version} now, which ` +
    'differ for the same seed. Delete the directory, or name another, and make it anew: visuomotor data generate tabletop'
  throw new DataError('data/other-version', message, { file, version })
}
