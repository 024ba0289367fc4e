import type { Output } from '../../src/cli/output.ts'
import { runProgram } from '../../src/cli/program.ts'

/** What a command line wrote, and what it ended with. */
export interface Captured {
  readonly code: number
  readonly result: string
  readonly notes: string
}

/** Run `visuomotor …` in this process. */
export async function visuomotor(...argv: string[]): Promise<Captured> {
  const results: string[] = []
  const notes: string[] = []
  const output: Output = {
    result: (text) => void results.push(text),
    note: (text) => void notes.push(text),
  }
  const code = await runProgram(argv, output)
  return { code, result: results.join('\n'), notes: notes.join('\n') }
}
