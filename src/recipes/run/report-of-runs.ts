import { basename, join, resolve } from 'node:path'
import { ConfigError, runFiles, writeFileAtomic } from '../../core/index.ts'
import { type ComparedRun, runsPage } from '../../report/index.ts'
import { readMetricsLog } from '../../training/index.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import { builtIn, type Registry } from '../recipe/registry.ts'
import { readRecipe } from './directory.ts'
import { readSummary } from './report.ts'

/**
 * Write one report of several runs laid over each other, from the files of their directories.
 * @param file Default: `report-<names>.html` in the working directory. @returns Path of the file.
 * @throws ConfigError `run/not-a-run`, and `run/twice` for a run that is named twice.
 */
export async function writeReportOfRuns(
  runs: readonly string[],
  registry: Registry = builtIn,
  file: string = `report-${runs.map((run) => basename(resolve(run))).join('-')}.html`,
): Promise<string> {
  requireDifferent(runs)
  const names = runs.map((run) => basename(resolve(run)))
  const hasDoubles = new Set(names).size < names.length
  const compared = runs.map((run, i) => comparedRun(run, hasDoubles ? run : names[i]!, registry))
  writeFileAtomic(file, await runsPage(compared))
  return file
}

function requireDifferent(runs: readonly string[]): void {
  const double = runs.find((run, i) => runs.slice(0, i).some((other) => resolve(other) === resolve(run)))
  if (double === undefined) return
  throw new ConfigError('run/twice', `${double} is named twice; name each run once`, { run: double })
}

function comparedRun(run: string, name: string, registry: Registry): ComparedRun {
  const recipe = readRecipe(run, registry)
  const objective = objectiveOf(recipe, registry)
  const summary = readSummary(run)
  return {
    name,
    objective: recipe.objective.kind,
    batchSize: recipe.stages ? undefined : recipe.batches.size,
    epochs: recipe.epochs,
    monitor: recipe.validation?.monitor ?? objective.monitor(recipe),
    directions: objective.metrics(recipe),
    validation: recipe.validation?.data,
    tests: recipe.tests,
    config: recipe,
    metrics: readMetricsLog(join(run, runFiles.metrics)),
    ...(summary && { summary }),
  }
}
