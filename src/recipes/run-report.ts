import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../core/index.ts'
import { formatNumber, type TitledGrid, trainingReport } from '../report/index.ts'
import { readMetricsLog } from '../training/index.ts'
import type { RunSummary } from './conclude-run.ts'
import { readRecipe, runFiles } from './run-directory.ts'

/**
 * Write a run's `report.html` from what its directory holds. A run that is not finished has curves and its
 * configuration, but nothing of the tests.
 * @returns The file.
 * @throws ConfigError `run/not-a-run`.
 */
export async function writeReport(run: string): Promise<string> {
  const config = readRecipe(run)
  const summary = readJsonFile<RunSummary>(join(run, runFiles.summary))
  const metrics = readMetricsLog(join(run, runFiles.metrics))
  const file = join(run, runFiles.report)
  const epoch = formatNumber(metrics.at(-1)?.epoch ?? 0, 1)
  const page = await trainingReport({
    title: config.name,
    ...(!summary && { subtitle: `Not finished: ${epoch} of ${config.epochs} epochs` }),
    summary: summary ?? {},
    metrics,
    grids: readExamples(run),
    config,
  })
  writeFileAtomic(file, page)
  return file
}

/**
 * Keep the examples of the tests for reports to come: `examples.json`, pictures in base64. So a report needs
 * neither the data nor the model again.
 */
export function writeExamples(run: string, grids: readonly TitledGrid[]): void {
  const encode = (key: string, value: unknown) =>
    key === 'picture' ? Buffer.from(value as Uint8Array).toString('base64') : value
  writeFileAtomic(join(run, runFiles.examples), JSON.stringify(grids, encode))
}

const readExamples = (run: string): readonly TitledGrid[] =>
  readJsonFile(join(run, runFiles.examples), (key, value) =>
    key === 'picture' ? Buffer.from(value, 'base64') : value,
  ) ?? []

function readJsonFile<T>(file: string, reviver?: (key: string, value: string) => unknown): T | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8'), reviver) as T) : undefined
}
