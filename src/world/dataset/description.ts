import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, writeFileAtomic } from '../../core/index.ts'
import {
  readTabletopDescription,
  type TabletopContents,
  type TabletopDescription,
  tabletopFile,
  tabletopFormat,
  tarEntries,
} from '../../data/index.ts'
import { armJoints } from '../robot/joint-names.ts'
import { kindNames } from '../scene/kinds.ts'
import type { DatasetOptions } from './options.ts'
import { addRefusals, noRefusals } from './scene-record.ts'
import { type ShardSummary, summaryEntry } from './shard.ts'
import type { ShardPlan } from './splits.ts'

/** A shard that is written. */
export interface WrittenShard extends ShardPlan {
  readonly summary: ShardSummary
}

/** What stands in `dataset.json`. @param shards Once all are written. */
export function describeDataset(
  options: DatasetOptions,
  verticalFov: number,
  shards: readonly WrittenShard[] | undefined,
): TabletopDescription {
  return {
    ...tabletopFormat,
    options: { ...options },
    categories: kindNames,
    labels: {
      box: { kind: 'box' },
      category: { kind: 'class', classes: kindNames.length },
      grasp: { kind: 'pose' },
      joints: { kind: 'joints', length: armJoints.length },
      place: { kind: 'position' },
      navigation: { kind: 'position' },
    },
    camera: { width: options.size, height: options.size, verticalFov },
    ...(shards && { contents: contentsOf(shards) }),
  }
}

function contentsOf(shards: readonly WrittenShard[]): TabletopContents {
  const samples = ({ summary: { samples } }: WrittenShard) => samples.table + samples.floor
  return {
    scenes: shards.reduce((sum, { scenes }) => sum + scenes, 0),
    samples: shards.reduce((sum, shard) => sum + samples(shard), 0),
    refusals: { ...shards.reduce((sum, { summary }) => addRefusals(sum, summary.refusals), noRefusals) },
    shards: shards.map(({ file, split, scenes, summary }) => ({
      file,
      split,
      scenes,
      samples: summary.samples,
    })),
  }
}

/** Write it, whole or not at all. */
export const writeDescription = (directory: string, description: TabletopDescription): void =>
  writeFileAtomic(join(directory, tabletopFile), `${JSON.stringify(description, undefined, 2)}\n`)

/**
 * Refuse a directory that holds another data set.
 * @throws ConfigError `config/other-dataset` that names the options that differ; DataError for a description that is
 * not ours or of another version.
 */
export function checkDirectory(directory: string, { options }: TabletopDescription): void {
  const file = join(directory, tabletopFile)
  if (!existsSync(file)) return
  const known = readTabletopDescription(directory).options
  const differing = [...new Set([...Object.keys(options), ...Object.keys(known)])].filter(
    (name) => JSON.stringify(known[name]) !== JSON.stringify(options[name]),
  )
  if (differing.length === 0) return
  throw new ConfigError(
    'config/other-dataset',
    `${directory} holds a data set of other options (${differing.join(', ')}). ` +
      'Give the same ones to go on with it, or another directory',
    { directory, differing, known },
  )
}

/** What a written shard holds, from its last entry. @throws DataError when it is damaged. */
export async function summaryOf(directory: string, plan: ShardPlan): Promise<WrittenShard> {
  const file = join(directory, plan.file)
  for await (const { name, read } of tarEntries(file)) {
    if (name !== summaryEntry) continue
    return { ...plan, summary: JSON.parse(new TextDecoder().decode(await read())) as ShardSummary }
  }
  throw new ConfigError('config/other-dataset', `${file} was not written by this command. Delete it`, {
    file,
  })
}
