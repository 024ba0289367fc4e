import { type Notes, standardError } from '../training/index.ts'

/** Output of a command: the result on stdout; progress, hints and everything else on stderr. */
export interface Output extends Notes {
  /** Write the result, which `--json` makes machine-readable. */
  result(text: string): void
}

/** The output of this process. */
export const processOutput: Output = {
  result: (text) => void process.stdout.write(`${text}\n`),
  ...standardError,
}

/** Output of a member that leaves talking to rank 0. */
export const silent: Output = { result: () => {}, note: () => {} }
