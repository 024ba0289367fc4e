import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runFiles, writeFileAtomic } from '../../core/index.ts'
import { formatNumber, type RunSummary, type TitledGrid, trainingReport } from '../../report/index.ts'
import { readMetricsLog } from '../../training/index.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import { builtIn, type Registry } from '../recipe/registry.ts'
import { readRecipe } from './directory.ts'
import { resultsWithControl } from './results-with-control.ts'

/**
 * Write a run's report from the files of its directory. A run that is not finished has curves and its
 * configuration, but no results.
 * @param file Default: `report.html` in its directory. @returns Path of the file.
 * @throws ConfigError `run/not-a-run`.
 */
export async function writeReport(
  run: string,
  registry: Registry = builtIn,
  file: string = join(run, runFiles.report),
): Promise<string> {
  const recipe = readRecipe(run, registry)
  const objective = objectiveOf(recipe, registry)
  const summary = readSummary(run)
  const metrics = readMetricsLog(join(run, runFiles.metrics))
  const epoch = formatNumber(metrics.at(-1)?.epoch ?? 0, 1)
  const page = await trainingReport({
    title: recipe.name,
    ...(!summary && { subtitle: `Not finished: ${epoch} of ${recipe.epochs} epochs` }),
    ...(summary && { summary }),
    monitor: recipe.validation?.monitor ?? objective.monitor(recipe),
    results: objective.report(summary ? resultsWithControl(summary) : {}),
    metrics,
    grids: readExamples(run),
    config: recipe,
  })
  writeFileAtomic(file, page)
  return file
}

/**
 * Store the examples of the tests with images in base64, so that a report needs neither the data nor the model again.
 */
export function writeExamples(run: string, grids: readonly TitledGrid[]): void {
  const encode = (key: string, value: unknown) =>
    key === 'picture' ? Buffer.from(value as Uint8Array).toString('base64') : value
  writeFileAtomic(join(run, runFiles.examples), JSON.stringify(grids, encode))
}

/** The final numbers of a run; undefined before its end. */
export const readSummary = (run: string): RunSummary | undefined =>
  readJsonFile<RunSummary>(join(run, runFiles.summary))

const readExamples = (run: string): readonly TitledGrid[] =>
  readJsonFile(join(run, runFiles.examples), (key, value) =>
    key === 'picture' ? Buffer.from(value, 'base64') : value,
  ) ?? []

function readJsonFile<T>(file: string, reviver?: (key: string, value: string) => unknown): T | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8'), reviver) as T) : undefined
}
