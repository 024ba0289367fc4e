import type { Command } from 'commander'
import { writeReport, writeReportOfRuns } from '../recipes/index.ts'
import { registryFrom } from './load-recipe.ts'
import { extensionsOption, jsonOption } from './options.ts'
import type { Output } from './output.ts'

/** `visuomotor report <runs...>` */
export function registerReport(program: Command, output: Output): void {
  program
    .command('report')
    .description(
      'write the report of a run again, also while it is trained; or one of several runs laid over each other',
    )
    .argument('<runs...>', 'the directory of a run, or of several')
    .option(
      '--out <file>',
      'where to write it (default: report.html of the run; of several report-<names>.html)',
    )
    .addOption(extensionsOption())
    .addOption(jsonOption())
    .action(async (runs: string[], options: { out?: string; json?: true; with?: string }) => {
      const registry = await registryFrom(options)
      const report =
        runs.length === 1
          ? await writeReport(runs[0]!, registry, options.out)
          : await writeReportOfRuns(runs, registry, options.out)
      output.result(options.json ? JSON.stringify({ report }, undefined, 2) : report)
    })
}
