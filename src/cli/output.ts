/** Where a command writes. */
export interface Output {
  /** The result, on stdout: what `--json` makes machine-readable. */
  result(text: string): void
  /** Everything else, on stderr: progress, notes, what to do next. */
  note(text: string): void
  /** Where a progress bar may be drawn; undefined when nobody looks at a terminal. */
  readonly terminal?: NodeJS.WritableStream
}

/** The output of this process. */
export const processOutput: Output = {
  result: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  ...(process.stderr.isTTY && { terminal: process.stderr }),
}
