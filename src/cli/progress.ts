import { SingleBar } from 'cli-progress'
import { formatDuration, formatNumber } from '../report/index.ts'
import type { Output } from './output.ts'

/** Shows how far a piece of work is. */
export interface Progress {
  /** So many more are done. */
  advance(count: number): void
  finish(): void
}

/** Seconds between two lines where there is no terminal. */
const linePeriod = 10

/**
 * A bar with rate and time left on a terminal, a line now and then elsewhere.
 * @param total Undefined when it is not known beforehand.
 */
export function progress(output: Output, title: string, total: number | undefined): Progress {
  return output.terminal && total !== undefined
    ? bar(output.terminal, title, total)
    : lines(output, title, total)
}

function bar(terminal: NodeJS.WritableStream, title: string, total: number): Progress {
  const format = `${title} {bar} {value}/{total}  {rate}/s  {eta_formatted} left`
  // A graceful exit would take the signal, and the process would go on.
  const single = new SingleBar({ stream: terminal, format, barsize: 30, gracefulExit: false })
  const start = performance.now()
  let done = 0
  single.start(total, 0, { rate: '–' })
  return {
    advance(count) {
      done += count
      single.update(done, { rate: formatNumber(ratePerSecond(done, start), 0) })
    },
    finish: () => single.stop(),
  }
}

function lines(output: Output, title: string, total: number | undefined): Progress {
  const start = performance.now()
  const of = total === undefined ? '' : ` of ${formatNumber(total)}`
  let done = 0
  let lastLine = start
  return {
    advance(count) {
      done += count
      if (performance.now() - lastLine < linePeriod * 1000) return
      lastLine = performance.now()
      const rate = ratePerSecond(done, start)
      const left = total === undefined ? '' : `, ${formatDuration((total - done) / rate)} left`
      output.note(`${title}: ${formatNumber(done)}${of}, ${formatNumber(rate, 0)}/s${left}`)
    },
    finish() {
      output.note(`${title}: ${formatNumber(done)} in ${formatDuration((performance.now() - start) / 1000)}`)
    },
  }
}

const ratePerSecond = (done: number, start: number): number => (1000 * done) / (performance.now() - start)
