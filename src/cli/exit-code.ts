import { inspect } from 'node:util'
import { CommanderError } from 'commander'
import { errorLine, exitCodeOf, VisuomotorError } from '../core/index.ts'
import type { Output } from './output.ts'

/** Exit codes of a process. */
export const exitCode = { done: 0, failed: 1, wrongUsage: 2, interrupted: 130 } as const
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/** Error of a command that was interrupted and left everything in order. The message says how to resume. */
export class Interrupted extends Error {}

/**
 * Report an error, in one message with its code; with a stack only when DEBUG is set.
 * @returns Exit code of the process.
 */
export function report(error: unknown, output: Output): ExitCode {
  if (error instanceof Interrupted) {
    output.note(error.message)
    return exitCode.interrupted
  }
  if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done // help, version
  if (error instanceof CommanderError && error.code === 'commander.help') return exitCode.wrongUsage // is printed
  output.note(process.env.DEBUG ? inspect(error) : errorLine(describe(error)))
  return error instanceof CommanderError ? exitCode.wrongUsage : exitCodeOf(error)
}

function describe(error: unknown): { code: string; message: string } {
  if (error instanceof VisuomotorError) return error
  if (error instanceof CommanderError) return { code: 'cli/usage', message: usageMessage(error) }
  const { code = 'internal', message = String(error) }: Partial<NodeJS.ErrnoException> = Object(error)
  return { code, message: `${message} (DEBUG=1 shows where)` }
}

/** `error: unknown option '--jsn'⏎(Did you mean --json?)` → `unknown option '--jsn' (did you mean --json?)` */
const usageMessage = ({ message }: CommanderError): string =>
  message.replace(/^error: /, '').replace('\n(Did', ' (did')
