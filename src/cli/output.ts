import { type Notes, standardError } from '../training/index.ts'

/** Where a command writes: the result on stdout, everything else, as progress and what to do next, on stderr. */
export interface Output extends Notes {
  /** What `--json` makes machine-readable. */
  result(text: string): void
}

/** The output of this process. */
export const processOutput: Output = {
  result: (text) => void process.stdout.write(`${text}\n`),
  ...standardError,
}
