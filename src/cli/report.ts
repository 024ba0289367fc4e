import type { Command } from 'commander'
import { writeReport } from '../recipes/index.ts'
import { registryFrom } from './load-recipe.ts'
import { extensionsOption, jsonOption } from './options.ts'
import type { Output } from './output.ts'

/** `visuomotor report <run>` */
export function registerReport(program: Command, output: Output): void {
  program
    .command('report')
    .description('write the report.html of a run again; also while it is trained')
    .argument('<run>', 'the directory of a run')
    .addOption(extensionsOption())
    .addOption(jsonOption())
    .action(async (run: string, options: { json?: true; with?: string }) => {
      const report = await writeReport(run, await registryFrom(options))
      output.result(options.json ? JSON.stringify({ report }, undefined, 2) : report)
    })
}
