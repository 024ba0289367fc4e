import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runFiles } from '../core/index.ts'
import { readTabletopDescription, type TabletopDescription, tabletopFile } from '../data/index.ts'
import { type KnownRobot, knownRobot, readRobot, robotOfDataset } from '../world/index.ts'
import type { Output } from './output.ts'

/**
 * Note a rollout with another robot than that of the policy's training data: robots are compared by content, wherever
 * the files lie. The note needs a run whose data sets still exist; otherwise nothing is said.
 */
export async function tellOtherRobot(
  model: string,
  robot: string | undefined,
  output: Output,
): Promise<void> {
  const trainedWith = datasetsOf(model).map(robotOfDataset)
  if (trainedWith.length === 0) return
  const acting = robot === undefined ? undefined : knownRobot(await readRobot(robot))
  if (trainedWith.some((known) => known?.digest === acting?.digest)) return
  const there = [...new Set(trainedWith.map(nameOf))].join(' and ')
  output.note(
    `another robot: the policy was trained with ${there}, and acts with ${nameOf(acting)} here. ` +
      'Name the same MJCF with --robot unless that is what you want to try',
  )
}

const nameOf = (robot: KnownRobot | undefined): string =>
  robot === undefined ? 'the built-in robot' : `${robot.name} (${robot.digest.slice(0, 8)})`

/** Descriptions of the data sets of a simulated robot that a run names in its recipe, as far as they exist. */
function datasetsOf(run: string): TabletopDescription[] {
  const file = join(run, runFiles.recipe)
  if (!existsSync(file)) return []
  const directories = new Set(directoriesIn(JSON.parse(readFileSync(file, 'utf8'))))
  return [...directories]
    .filter((directory) => existsSync(join(directory, tabletopFile)))
    .flatMap((directory) => {
      try {
        return [readTabletopDescription(directory)]
      } catch {
        return [] // whatever it is, it was not made for a robot by this version
      }
    })
}

function directoriesIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'directory' && typeof value === 'string' ? [value] : directoriesIn(value),
  )
}
