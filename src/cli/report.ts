import type { Command } from 'commander'
import { writeReport } from '../recipes/index.ts'
import { jsonOption } from './options.ts'
import type { Output } from './output.ts'

/** `visuomotor report <run>` */
export function registerReport(program: Command, output: Output): void {
  program
    .command('report')
    .description('write the report.html of a run again; also while it is trained')
    .argument('<run>', 'the directory of a run')
    .addOption(jsonOption())
    .action(async (run: string, { json }: { json?: true }) => {
      const report = await writeReport(run)
      output.result(json ? JSON.stringify({ report }, undefined, 2) : report)
    })
}
