import { inspect } from 'node:util'
import { CommanderError } from 'commander'
import { type ErrorFacts, errorLine, exitCodeOf, VisuomotorError } from '../core/index.ts'
import type { Output } from './output.ts'

/** Exit codes of a process. */
export const exitCode = { done: 0, failed: 1, wrongUsage: 2, interrupted: 130 } as const
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/** Error of a command that was interrupted and left everything in order. The message says how to resume. */
export class Interrupted extends Error {}

/** Error of a verification that found other numbers; they are told already. */
export class VerificationFailed extends Error {}

/** Error of an evaluation of which a part failed: what is finished is written, and the failures are told already. */
export class EvaluationIncomplete extends Error {}

/**
 * Report an error, in one message with its code; with a stack only when DEBUG is set.
 * @param options `json`: also print it on stdout, as `{ "error": { code, message, facts } }`.
 * @returns Exit code of the process.
 */
export function report(
  error: unknown,
  output: Output,
  { json = false }: { readonly json?: boolean } = {},
): ExitCode {
  if (error instanceof Interrupted) {
    output.note(error.message)
    if (json) printError(output, { code: 'interrupted', message: error.message })
    return exitCode.interrupted
  }
  if (error instanceof VerificationFailed || error instanceof EvaluationIncomplete) {
    output.note(error.message)
    return exitCode.failed
  }
  if (error instanceof CommanderError && error.exitCode === 0) return exitCode.done // help, version
  if (error instanceof CommanderError && error.code === 'commander.help') return exitCode.wrongUsage // is printed
  const described = describe(error)
  output.note(process.env.DEBUG ? inspect(error) : errorLine(described))
  if (json) printError(output, described)
  return error instanceof CommanderError ? exitCode.wrongUsage : exitCodeOf(error)
}

interface Described {
  readonly code: string
  readonly message: string
  readonly facts?: ErrorFacts
}

function printError(output: Output, { code, message, facts = {} }: Described): void {
  output.result(JSON.stringify({ error: { code, message, facts } }, undefined, 2))
}

function describe(error: unknown): Described {
  if (error instanceof VisuomotorError) return error
  if (error instanceof CommanderError) return { code: 'cli/usage', message: usageMessage(error) }
  const { code = 'internal', message = String(error) }: Partial<NodeJS.ErrnoException> = Object(error)
  return { code, message: `${message} (DEBUG=1 shows where)` }
}

/** `error: unknown option '--jsn'⏎(Did you mean --json?)` → `unknown option '--jsn' (did you mean --json?)` */
const usageMessage = ({ message }: CommanderError): string =>
  message.replace(/^error: /, '').replace('\n(Did', ' (did')
