/** Output for messages about the progress of work. */
export interface Notes {
  note(text: string): void
  /** Terminal for progress bars; undefined where there is none. */
  readonly terminal?: NodeJS.WritableStream
}

/** The standard error of this process. */
export const standardError: Notes = {
  note: (text) => void process.stderr.write(`${text}\n`),
  ...(process.stderr.isTTY && { terminal: process.stderr }),
}
