import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { TabletopDescription } from '../../data/index.ts'
import { requireBase } from '../simulation/checks.ts'
import { checkDirectory, describeDataset, summaryOf, writeDescription } from './description.ts'
import { checkDatasetOptions, type DatasetOptions } from './options.ts'
import { SceneMaker } from './scene-maker.ts'
import { writeShards } from './shard-workers.ts'
import { planShards, type ShardPlan } from './splits.ts'

/** Controls of generation, without effect on the content. */
export interface GenerateControls {
  /** Count of threads; it changes no byte. Default: one a core. */
  readonly workers?: number
  /** Callback before the first scene, with the count of finished scenes and the total. */
  readonly onStart?: (there: number, total: number) => void
  /** Callback after each scene. */
  readonly onScene?: () => void
  /** Signal that stops between shards; finished shards stay, and the same call resumes. */
  readonly signal?: AbortSignal
}

/**
 * Generate a data set in a directory: `dataset.json` and tar shards. The same options give the same bytes, for any
 * count of threads and interruptions. Shards are written whole or not at all, and existing ones are kept.
 * @returns Undefined when stopped.
 * @throws ConfigError for options out of range, and for a directory with a data set of other options; WorldError for an
 * unsuitable robot.
 */
export async function generateDataset(
  directory: string,
  options: DatasetOptions,
  { workers = availableParallelism(), onStart, onScene = () => {}, signal }: GenerateControls = {},
): Promise<TabletopDescription | undefined> {
  checkDatasetOptions(options)
  const maker = await SceneMaker.open(options) // what does not suit is told before anything is written
  if (options.setting !== 'table') requireBase(maker, maker.robot)
  const unfinished = describeDataset(options, maker, undefined)
  checkDirectory(directory, unfinished)
  mkdirSync(directory, { recursive: true })
  const plans = planShards(options)
  const missing = plans.filter(({ file }) => !existsSync(join(directory, file)))
  if (missing.length > 0) writeDescription(directory, unfinished)
  removeLeftovers(directory)
  onStart?.(scenesIn(plans) - scenesIn(missing), scenesIn(plans))
  await writeShards(missing, { options, directory }, Math.max(1, workers), onScene, signal)
  if (plans.some(({ file }) => !existsSync(join(directory, file)))) return undefined
  const shards = await Promise.all(plans.map((plan) => summaryOf(directory, plan)))
  const description = describeDataset(options, maker, shards)
  writeDescription(directory, description)
  return description
}

const scenesIn = (plans: readonly ShardPlan[]): number => plans.reduce((sum, { scenes }) => sum + scenes, 0)

/** Remove the partial files of a killed run. */
function removeLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (/^[A-Za-z]+(?:-\d+\.tar|\.json)\.\d+\.tmp$/.test(name)) rmSync(join(directory, name))
  }
}
