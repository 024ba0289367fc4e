import { formatDuration, formatNumber } from '../report/index.ts'
import { linePeriod, progressDisplay } from '../training/index.ts'
import type { Output } from './output.ts'

/** Progress of a command's work. */
export interface Progress {
  /** Count further items as done. */
  advance(count: number): void
  finish(): void
}

/**
 * A bar with rate and time left on a terminal, otherwise a line now and then.
 * @param total Number of items; undefined when it is not known beforehand: then there is no bar.
 */
export function progress(output: Output, title: string, total: number | undefined): Progress {
  const format = `${title} {bar} {value}/{total}  {rate}/s  {left} left`
  const drawn = total !== undefined && output.terminal !== undefined
  const display = progressDisplay(drawn ? output : { note: (text) => output.note(text) }, {
    format,
    width: 30,
  })
  const start = performance.now()
  let done = 0
  display.start(total ?? Number.POSITIVE_INFINITY, 0, { rate: '–', left: '–' })
  return {
    advance(count) {
      done += count
      const seconds = (performance.now() - start) / 1000
      const rate = formatNumber(done / seconds, 0)
      const left = total === undefined ? '' : formatDuration(((total - done) * seconds) / done)
      const of = total === undefined ? '' : ` of ${formatNumber(total)}`
      const line = `${title}: ${formatNumber(done)}${of}, ${rate}/s${left && `, ${left} left`}`
      // What finishes soon is told once, at its end.
      display.update(done, { rate, left }, seconds < linePeriod || done === total ? undefined : line)
    },
    finish() {
      display.stop()
      const seconds = (performance.now() - start) / 1000
      if (!drawn) output.note(`${title}: ${formatNumber(done)} in ${formatDuration(seconds)}`)
    },
  }
}
