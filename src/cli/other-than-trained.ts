import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runFiles } from '../core/index.ts'
import { readTabletopDescription, type TabletopDescription, tabletopFile } from '../data/index.ts'
import type { RecipeInput } from '../recipes/index.ts'
import { episodeDefaults, type KnownRobot, knownRobot, readRobot, robotOfDataset } from '../world/index.ts'
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

/** Note a rollout whose pictures have other edges than the demonstrations that the recipe of a run makes. */
export function tellOtherEdges(model: string, smooth: boolean, output: Output): void {
  const generate = recipeOf(model)?.generate
  if (generate?.kind !== 'tabletopEpisodes') return
  const learned = generate.smooth ?? episodeDefaults.smooth
  if (learned === smooth) return
  const edges = (are: boolean) => (are ? 'smooth' : 'jagged')
  output.note(
    `other edges: the policy learned from ${edges(learned)} pictures, and sees ${edges(smooth)} ones here. ` +
      `${learned ? 'Give' : 'Leave out'} --smooth unless that is what you want to try`,
  )
}

const nameOf = (robot: KnownRobot | undefined): string =>
  robot === undefined ? 'the built-in robot' : `${robot.name} (${robot.digest.slice(0, 8)})`

/** Descriptions of the data sets of a simulated robot that a run names in its recipe, as far as they exist. */
function datasetsOf(run: string): TabletopDescription[] {
  const directories = new Set(directoriesIn(recipeOf(run)))
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

/** Recipe of a run as it lies there; undefined for what is no run. */
function recipeOf(run: string): Pick<RecipeInput, 'generate'> | undefined {
  const file = join(run, runFiles.recipe)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

function directoriesIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'directory' && typeof value === 'string' ? [value] : directoriesIn(value),
  )
}
