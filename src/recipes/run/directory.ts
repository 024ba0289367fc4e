import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ConfigError, isRun, nearestName, runFiles, writeFileAtomic } from '../../core/index.ts'
import { parseStoredRecipe } from '../recipe/parse.ts'
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
 * nothing is ever overwritten. What an attempt left that never trained is removed.
 * @returns New path of the earlier run.
 * @throws ConfigError of {@link requireRoom}.
 */
export function makeRoom(run: string): string | undefined {
  requireRoom(run)
  if (!isRun(run)) return undefined
  if (isUntrained(run)) {
    rmSync(run, { recursive: true })
    return undefined
  }
  let number = 1
  while (existsSync(`${run}.${number}`)) number++
  renameSync(run, `${run}.${number}`)
  return `${run}.${number}`
}

/**
 * Undo the begin of a run that failed before it trained: its directory is removed, and the earlier run moved back.
 * @param earlierRun Path of the earlier run, if there was one.
 */
export function undoBegin(run: string, earlierRun: string | undefined): void {
  if (!isUntrained(run)) return
  rmSync(run, { recursive: true })
  if (earlierRun !== undefined) renameSync(earlierRun, run)
}

/** Files of a run before its first line of the log, beside the events of TensorBoard. */
const firstFiles: readonly string[] = [
  runFiles.recipe,
  runFiles.metrics,
  runFiles.badSamples,
  runFiles.frozen,
  runFiles.zeros,
  runFiles.trackers,
  'config.json',
  'preprocessor_config.json',
  'adapter_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
]

/** Tell a run that has neither a checkpoint nor a line of its log, and no file of anything else. */
function isUntrained(run: string): boolean {
  if (!isRun(run)) return false
  const metrics = join(run, runFiles.metrics)
  if (existsSync(metrics) && statSync(metrics).size > 0) return false
  return readdirSync(run).every((name) => {
    if (name !== 'stages') return firstFiles.includes(name) || name.startsWith('events.out.tfevents.')
    return readdirSync(join(run, name)).every((stage) => isUntrained(join(run, name, stage)))
  })
}

/** Store the resolved recipe, which reproduces the run. */
export const writeRecipe = (run: string, recipe: Recipe): void =>
  writeFileAtomic(join(run, runFiles.recipe), `${JSON.stringify(recipe, undefined, 2)}\n`)

/** The recipe of a run. @throws ConfigError `run/not-a-run`, naming the nearest run beside it. */
export function readRecipe(run: string, registry: Registry = builtIn): Recipe {
  if (isRun(run))
    return parseStoredRecipe(JSON.parse(readFileSync(join(run, runFiles.recipe), 'utf8')), registry)
  const beside = dirname(run)
  const runs = existsSync(beside) ? readdirSync(beside).filter((name) => isRun(join(beside, name))) : []
  const nearest = nearestName(basename(run), runs)
  const hint = nearest === undefined ? '' : `; did you mean ${join(beside, nearest)}?`
  throw new ConfigError('run/not-a-run', `${run} is not the directory of a run${hint}`, { run })
}
