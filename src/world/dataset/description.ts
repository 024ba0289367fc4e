import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ConfigError, writeFileAtomic } from '../../core/index.ts'
import {
  readTabletopDescription,
  type TabletopContents,
  type TabletopDescription,
  tabletopFile,
  tabletopFormat,
  tarEntries,
} from '../../data/index.ts'
import { type RobotDescription, robotDigest } from '../robot/robot-description.ts'
import { kindNames } from '../scene/kinds.ts'
import type { DatasetOptions } from './options.ts'
import type { SceneMaker } from './scene-maker.ts'
import { addRefusals, noRefusals } from './scene-record.ts'
import { type ShardSummary, summaryEntry } from './shard.ts'
import type { ShardPlan } from './splits.ts'

/** Shard on the disk. */
export interface WrittenShard extends ShardPlan {
  readonly summary: ShardSummary
}

/** Robot of one's own in a data set, identified by its digest. */
export interface KnownRobot {
  readonly name: string
  readonly digest: string
}

/** Robot of a data set; undefined for the built-in one and for versions that stored paths. */
export function robotOfDataset({ options }: TabletopDescription): KnownRobot | undefined {
  const robot = options.robot as Partial<KnownRobot> | undefined
  const { name, digest } = robot ?? {}
  return name === undefined || digest === undefined ? undefined : { name, digest }
}

/**
 * Describe a data set for its `dataset.json`.
 * @param shards Summaries of all shards, once written.
 */
export function describeDataset(
  options: DatasetOptions,
  { verticalFov, robot, armJoints }: Pick<SceneMaker, 'verticalFov' | 'robot' | 'armJoints'>,
  shards: readonly WrittenShard[] | undefined,
): TabletopDescription {
  const known = options.robot === undefined ? {} : { robot: knownRobot(robot) }
  return {
    ...tabletopFormat,
    options: { ...options, ...known },
    categories: kindNames,
    labels: {
      box: { kind: 'box' },
      category: { kind: 'class', classes: kindNames.length },
      grasp: { kind: 'pose' },
      joints: { kind: 'joints', length: armJoints.length, joints: armJoints },
      place: { kind: 'position' },
      landmark: { kind: 'box' },
      navigation: { kind: 'position' },
    },
    camera: { width: options.size, height: options.size, verticalFov },
    ...(shards && { contents: contentsOf(shards) }),
  }
}

/** Identify a robot by the name of its file, in any folder. */
export const knownRobot = (robot: RobotDescription): KnownRobot => ({
  name: basename(robot.name),
  digest: robotDigest(robot),
})

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

/** Write the description, whole or not at all. */
export const writeDescription = (directory: string, description: TabletopDescription): void =>
  writeFileAtomic(join(directory, tabletopFile), `${JSON.stringify(description, undefined, 2)}\n`)

/**
 * Refuse a directory that holds another data set. One without any shard is free.
 * @throws ConfigError `config/other-dataset` that names the options that differ; DataError for a foreign description or
 * one of another version.
 */
export function checkDirectory(directory: string, { options }: TabletopDescription): void {
  const file = join(directory, tabletopFile)
  if (!existsSync(file)) return
  const known = readTabletopDescription(directory).options
  if (!readdirSync(directory).some((name) => name.endsWith('.tar'))) return
  const differing = [...new Set([...Object.keys(options), ...Object.keys(known)])].filter(
    (name) => sameness(known[name]) !== sameness(options[name]),
  )
  if (differing.length === 0) return
  const robot = differing.includes('robot') ? ' The robot is another one, or its files have changed.' : ''
  throw new ConfigError(
    'config/other-dataset',
    `${directory} holds a data set of other options (${differing.join(', ')}).${robot} ` +
      'Give the same ones to go on with it, or another directory',
    { directory, differing, known },
  )
}

/** Key of an option for comparison of two data sets; for a robot, its content. */
const sameness = (option: unknown): string =>
  JSON.stringify((option as Partial<KnownRobot> | undefined)?.digest ?? option)

/**
 * Summary of a written shard, from its last entry.
 * @throws DataError for a damaged shard.
 */
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
