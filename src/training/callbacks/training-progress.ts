import { SingleBar } from 'cli-progress'
import { formatDuration, formatNumber, humanize } from '../../report/index.ts'
import type { Callback, LogRecord } from '../callback.ts'
import { type Notes, standardError } from './notes.ts'

/** Seconds between two lines where there is no terminal. */
const linePeriod = 5

/** Shows how far training is: a bar on a terminal, a line every few seconds elsewhere. */
export const trainingProgress = (output: Notes = standardError): Callback => ({
  ...(output.terminal ? bar(output.terminal) : lines(output)),
  onStage: ({ name, number, count, repeat }) =>
    output.note(`stage ${number} of ${count}: ${name}${repeat > 1 ? `, repeat ${repeat}` : ''}`),
  onTest: (name) => output.note(`testing ${humanize(name)}`),
  onNote: (text) => output.note(text),
})

function bar(stream: NodeJS.WritableStream): Callback {
  // Fits into 80 columns: what is beyond the terminal's width is cut off.
  const format = '{bar} {value}/{total}  loss {loss}  {rate} samples/s  wait {wait} %  {left} left'
  const single = new SingleBar({ stream, format, barsize: 12, gracefulExit: false })
  let clock: Clock
  return {
    onStart({ step, totalSteps }) {
      clock = new Clock(step, totalSteps)
      single.start(totalSteps, step, { loss: '–', rate: '–', wait: '–', left: '–' })
    },
    onStep: (step) => single.update(step, { left: clock.left(step) }),
    onLog: ({ step, loss, samplesPerSecond, dataWaitFraction }) =>
      single.update(step, {
        loss: formatNumber(loss, 3),
        rate: formatNumber(samplesPerSecond, 0),
        wait: percent(dataWaitFraction),
      }),
    onEnd: () => single.stop(),
  }
}

function lines(output: Notes): Callback {
  let clock: Clock
  let lastLine = Number.NEGATIVE_INFINITY
  return {
    onStart({ step, totalSteps }) {
      clock = new Clock(step, totalSteps)
    },
    onLog(record) {
      const now = performance.now()
      if (now - lastLine < linePeriod * 1000 && record.step < clock.totalSteps) return
      lastLine = now
      output.note(lineOf(record, clock))
    },
  }
}

function lineOf(record: LogRecord, clock: Clock): string {
  const { step, epoch, loss, learningRate, samplesPerSecond, dataWaitFraction } = record
  return [
    `step ${step}/${clock.totalSteps}`,
    `epoch ${formatNumber(epoch, 1)}`,
    `loss ${formatNumber(loss, 3)}`,
    `learning rate ${learningRate.toExponential(1)}`,
    `${formatNumber(samplesPerSecond, 0)} samples/s`,
    `data wait ${percent(dataWaitFraction)} %`,
    `${clock.left(step)} left`,
  ].join('  ')
}

const percent = (fraction: number): string => formatNumber(100 * fraction, 1)

/** Knows how long the rest will take if it goes on as since the start. */
class Clock {
  readonly totalSteps: number
  readonly #firstStep: number
  readonly #start = performance.now()

  constructor(firstStep: number, totalSteps: number) {
    this.#firstStep = firstStep
    this.totalSteps = totalSteps
  }

  left(step: number): string {
    const seconds = (performance.now() - this.#start) / 1000
    return formatDuration((seconds * (this.totalSteps - step)) / (step - this.#firstStep))
  }
}
