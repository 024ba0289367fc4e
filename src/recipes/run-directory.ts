import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { CheckpointError, ConfigError, writeFileAtomic } from '../core/index.ts'
import { type Experiment, parseExperiment } from './experiment.ts'

const recipeFile = 'recipe.json'

/**
 * Make room for a new run: an earlier run of the same directory is moved to the next free name beside it, so
 * that nothing is ever written over. @returns Where the earlier run went.
 */
export function makeRoom(run: string): string | undefined {
  if (!existsSync(run)) return undefined
  if (!existsSync(join(run, recipeFile))) {
    throw new ConfigError(
      'run/not-a-run',
      `${run} exists and is not a run; choose another directory with --out`,
      { run },
    )
  }
  let number = 1
  while (existsSync(`${run}.${number}`)) number++
  renameSync(run, `${run}.${number}`)
  return `${run}.${number}`
}

/** Store the resolved recipe: it reproduces the run. */
export const writeRecipe = (run: string, config: Experiment): void =>
  writeFileAtomic(join(run, recipeFile), `${JSON.stringify(config, undefined, 2)}\n`)

/** The recipe of a run. @throws CheckpointError `run/no-recipe`. */
export function readRecipe(run: string): Experiment {
  const file = join(run, recipeFile)
  if (!existsSync(file)) {
    throw new CheckpointError(
      'run/no-recipe',
      `${file} does not exist; ${run} is not the directory of a run`,
      { run },
    )
  }
  return parseExperiment(JSON.parse(readFileSync(file, 'utf8')))
}
