import { join } from 'node:path'
import { DataError } from '../../../core/index.ts'
import type { Source } from '../../source.ts'
import { deliver, type Found } from '../pass.ts'
import { tarEntries } from '../tar-entries.ts'
import {
  labelsOfSetting,
  readTabletopDescription,
  type TabletopContents,
  type TabletopDescription,
  type TabletopSetting,
  type TabletopSplit,
} from './description.ts'
import { type Choice, sceneSamples } from './scene-samples.ts'

/** Part of a data set to read. */
export interface TabletopOptions {
  /**
   * Split: `train` (default) or `validation`, or a test with scenes, phrasings or pairs of colour and kind that
   * training never sees. `heldOutPhrasings` has the scenes of `heldOutScenes`, so that only the words differ.
   */
  readonly split?: TabletopSplit
  /** Setting of the scenes, at the table or on the floor. Default: both. */
  readonly setting?: TabletopSetting
}

type Shard = TabletopContents['shards'][number]

/**
 * A data set that `visuomotor data generate tabletop` made: a robot's images, commands about them and correct answers.
 * Each command is a sample; the samples of a scene share its image. Streamed: at most one scene is held in memory.
 *
 * Labels, all in the robot's frame (x forward, y left, z up, metres and radians): `box` and `category` of the target
 * object; at the table `grasp`, `joints` and, for commands to put an object, `place`; on the floor `navigation`.
 *
 * @throws DataError at once when the directory holds no data set, or one that is not finished; during a pass, unless
 * `onBad` takes it, for each sample that is missing because a shard is damaged or a scene's JSON is malformed.
 */
export function tabletop(directory: string, { split = 'train', setting }: TabletopOptions = {}): Source {
  const description = readTabletopDescription(directory)
  const from = split === 'heldOutPhrasings' ? 'heldOutScenes' : split
  const shards = contentsOf(directory, description).shards.filter((shard) => shard.split === from)
  const choice: Choice = { split, setting }
  return {
    name: `tabletop(${[split, ...(setting ? [setting] : [])].join(', ')})`,
    spec: { kind: 'tabletop', directory, split, ...(setting && { setting }) },
    size: shards.reduce((sum, shard) => sum + samplesIn(shard, choice), 0),
    labels: labelsFor(description, setting),
    classNames: { category: description.categories },
    samples: ({ skip = 0, onBad } = {}) => deliver(allFound(directory, shards, choice, skip), onBad),
  }
}

function contentsOf(directory: string, { contents }: TabletopDescription): TabletopContents {
  if (contents !== undefined) return contents
  const wayOut = 'Run the command that makes it again: it goes on where it stopped'
  const message = `the data set in ${directory} is not finished. ${wayOut}`
  throw new DataError('data/unfinished-dataset', message, { directory })
}

function labelsFor(
  { labels }: TabletopDescription,
  setting: TabletopSetting | undefined,
): NonNullable<Source['labels']> {
  if (setting === undefined) return labels
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) => labelsOfSetting[setting].includes(name)),
  )
}

const samplesIn = ({ samples: { table, floor } }: Shard, { setting }: Choice): number =>
  setting === 'table' ? table : setting === 'floor' ? floor : table + floor

async function* allFound(
  directory: string,
  shards: readonly Shard[],
  choice: Choice,
  skip: number,
): AsyncGenerator<Found> {
  let toSkip = skip
  for (const shard of shards) {
    const places = samplesIn(shard, choice)
    if (toSkip < places) yield* foundIn(join(directory, shard.file), places, choice, toSkip)
    toSkip = Math.max(0, toSkip - places)
  }
}

/** Samples and errors at a shard's places, whose count is known: the lost ones of a damaged shard stand at its end. */
async function* foundIn(file: string, places: number, choice: Choice, skip: number): AsyncGenerator<Found> {
  let place = 0
  let problem: DataError | undefined
  try {
    for await (const { key, image, json } of scenesIn(file)) {
      try {
        for (const sample of sceneSamples(key, image, json, file, choice)) {
          if (place++ >= skip) yield sample
        }
      } catch (error) {
        if (!(error instanceof DataError)) throw error
        problem ??= error
      }
    }
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    problem ??= error
  }
  while (place < places) {
    if (place++ >= skip) yield problem ?? tooFew(file, places)
  }
}

const tooFew = (file: string, places: number): DataError =>
  new DataError(
    'data/damaged-shard',
    `${file} holds fewer than the ${places} samples that dataset.json says. Delete it and make the data set again`,
    { file, places },
  )

/** Read the pairs of `000123.png` and `000123.json`, which are neighbours. */
async function* scenesIn(file: string): AsyncGenerator<{ key: string; image: Uint8Array; json: Uint8Array }> {
  let picture: { key: string; image: Uint8Array } | undefined
  for await (const { name, read } of tarEntries(file)) {
    const [key = '', extension] = name.split('.')
    if (extension === 'png') picture = { key, image: await read() }
    else if (picture?.key === key) yield { ...picture, json: await read() }
  }
}
