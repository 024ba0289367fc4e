import { SingleBar } from 'cli-progress'
import type { Notes } from './notes.ts'

/** Seconds between two lines of progress without a terminal. */
export const linePeriod = 5

type Fields = Readonly<Record<string, string>>

/** Progress of work of known size: a bar on a terminal, otherwise a line every few seconds. */
export interface ProgressDisplay {
  start(total: number, done: number, fields: Fields): void
  /**
   * @param fields Values of the names in the bar's format; the others stay unchanged.
   * @param line Text in place of the bar without a terminal; written every few seconds, and at the end.
   */
  update(done: number, fields: Fields, line?: string): void
  stop(): void
}

/**
 * @param look Format of the bar: `{bar}`, `{value}`, `{total}` and the names of the fields; and the characters of its width.
 */
export const progressDisplay = (
  output: Notes,
  { format, width }: { readonly format: string; readonly width: number },
): ProgressDisplay => (output.terminal ? bar(output.terminal, format, width) : lines(output))

function bar(stream: NodeJS.WritableStream, format: string, barsize: number): ProgressDisplay {
  // A graceful exit would take the signal, and the process would go on.
  const single = new SingleBar({ stream, format, barsize, gracefulExit: false })
  return {
    start: (total, done, fields) => single.start(total, done, fields),
    update: (done, fields) => single.update(done, fields),
    stop: () => single.stop(),
  }
}

function lines(output: Notes): ProgressDisplay {
  let total = 0
  let lastLine = Number.NEGATIVE_INFINITY
  return {
    start(size) {
      total = size
    },
    update(done, _, line) {
      const now = performance.now()
      if (line === undefined || (now - lastLine < linePeriod * 1000 && done < total)) return
      lastLine = now
      output.note(line)
    },
    stop() {},
  }
}
