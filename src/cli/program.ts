import { Command } from 'commander'
import { version } from '../core/index.ts'
import { registerCompletion } from './completion.ts'
import { registerCompress } from './compress.ts'
import { registerData } from './data.ts'
import { registerDevices } from './devices.ts'
import { registerDoctor } from './doctor.ts'
import { registerEvaluate } from './evaluate.ts'
import { type ExitCode, exitCode, report } from './exit-code.ts'
import { registerExport } from './export.ts'
import { registerInit } from './init.ts'
import { quietOption } from './options.ts'
import type { Output } from './output.ts'
import { leavesOf } from './program-tree.ts'
import { registerReport } from './report.ts'
import { registerRobotCheck } from './robot-check.ts'
import { registerRollout } from './rollout.ts'
import { registerSearch } from './search.ts'
import { registerSearchArchitecture } from './search-architecture.ts'
import { registerServe } from './serve.ts'
import { withSuggestion } from './suggestion.ts'
import { registerTrain } from './train.ts'
import { registerTune } from './tune.ts'

/** Function that adds one command to the program; each file of a command exports one. */
export type RegisterCommand = (program: Command, output: Output) => void

const commands: readonly RegisterCommand[] = [
  registerInit,
  registerTrain,
  registerTune,
  registerSearchArchitecture,
  registerEvaluate,
  registerRollout,
  registerSearch,
  registerExport,
  registerServe,
  registerCompress,
  registerReport,
  registerData,
  registerRobotCheck,
  registerDevices,
  registerDoctor,
  registerCompletion,
]

/**
 * Run the command line `visuomotor …`. Never throws: errors are reported on `output`.
 * @param argv Arguments without `node` and the script.
 */
export async function runProgram(argv: readonly string[], output: Output): Promise<ExitCode> {
  const flags = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  let hasResult = false
  const ofCommands: Output = {
    ...(flags.includes('--quiet') ? { note: () => {} } : output),
    result(text) {
      hasResult = true
      output.result(text)
    },
  }
  const program = new Command('visuomotor')
    .description('Train, evaluate, search with and export vision-language models')
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.result(text.trimEnd()),
      writeErr: (text) => output.note(text.trimEnd()),
      outputError: () => {}, // told by `report`, like every error
    })
  for (const register of commands) register(program, ofCommands)
  for (const command of leavesOf(program)) command.addOption(quietOption())
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode.done
  } catch (error) {
    return report(withSuggestion(error, argv), output, { json: flags.includes('--json') && !hasResult })
  }
}
