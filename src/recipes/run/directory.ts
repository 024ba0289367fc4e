import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ConfigError, isRun, nearestName, runFiles, writeFileAtomic } from '../../core/index.ts'
import { parseRecipe } from '../recipe/parse.ts'
import { builtIn, type Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'

/**
 * Check that a run may stand at a path.
 * @throws ConfigError `run/not-a-run` when the path is something other than a run, or a file is above it.
 */
export function requireRoom(run: string): void {
  requireDirectory(resolve(run))
  if (!existsSync(run) || isRun(run) || readdirSync(run).length === 0) return
  const message = `${run} exists and is not a run; choose another directory with --out`
  throw new ConfigError('run/not-a-run', message, { run })
}

/** Require that a path, or the part of it that exists, is a directory. */
function requireDirectory(path: string): void {
  if (!existsSync(path)) requireDirectory(dirname(path))
  else if (!statSync(path).isDirectory()) {
    const message = `${path} is a file, and a run needs a directory; choose another one with --out`
    throw new ConfigError('run/not-a-run', message, { run: path })
  }
}

/**
 * Make room for a new run: an earlier run of the same directory is moved to the next free name beside it, so that
 * nothing is ever overwritten.
 * @returns New path of the earlier run.
 * @throws ConfigError of {@link requireRoom}.
 */
export function makeRoom(run: string): string | undefined {
  requireRoom(run)
  if (!isRun(run)) return undefined
  let number = 1
  while (existsSync(`${run}.${number}`)) number++
  renameSync(run, `${run}.${number}`)
  return `${run}.${number}`
}

/** Store the resolved recipe, which reproduces the run. */
export const writeRecipe = (run: string, recipe: Recipe): void =>
  writeFileAtomic(join(run, runFiles.recipe), `${JSON.stringify(recipe, undefined, 2)}\n`)

/** The recipe of a run. @throws ConfigError `run/not-a-run`, naming the nearest run beside it. */
export function readRecipe(run: string, registry: Registry = builtIn): Recipe {
  if (isRun(run)) return parseRecipe(JSON.parse(readFileSync(join(run, runFiles.recipe), 'utf8')), registry)
  const beside = dirname(run)
  const runs = existsSync(beside) ? readdirSync(beside).filter((name) => isRun(join(beside, name))) : []
  const nearest = nearestName(basename(run), runs)
  const hint = nearest === undefined ? '' : `; did you mean ${join(beside, nearest)}?`
  throw new ConfigError('run/not-a-run', `${run} is not the directory of a run${hint}`, { run })
}
