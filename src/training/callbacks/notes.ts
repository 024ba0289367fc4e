/** Where people are told how work goes. */
export interface Notes {
  note(text: string): void
  /** Where a progress bar may be drawn; undefined when nobody looks at a terminal. */
  readonly terminal?: NodeJS.WritableStream
}

/** The standard error of this process. */
export const standardError: Notes = {
  note: (text) => void process.stderr.write(`${text}\n`),
  ...(process.stderr.isTTY && { terminal: process.stderr }),
}
