import { formatDuration, formatNumber, humanize } from '../../report/index.ts'
import type { Callback, LogRecord } from '../callback.ts'
import { type Notes, standardError } from './notes.ts'
import { progressDisplay } from './progress-display.ts'

// Fits into 80 columns: what is beyond the terminal's width is cut off.
const format = '{bar} {value}/{total}  loss {loss}  {rate} samples/s  wait {wait} %  {left} left'

/** Progress of training: a bar on a terminal, otherwise a line every few seconds. */
export function trainingProgress(output: Notes = standardError): Callback {
  const display = progressDisplay(output, { format, width: 12 })
  let clock: Clock
  return {
    onStart({ step, totalSteps }) {
      clock = new Clock(step, totalSteps)
      display.start(totalSteps, step, { loss: '–', rate: '–', wait: '–', left: '–' })
    },
    onStep: (step) => display.update(step, { left: clock.left(step) }, clock.firstLine(step)),
    onLog(record) {
      const { loss, samplesPerSecond, dataWaitFraction } = record
      const rate = formatNumber(samplesPerSecond, 0)
      const fields = { loss: formatNumber(loss, 3), rate, wait: percent(dataWaitFraction) }
      display.update(record.step, fields, lineOf(record, clock))
    },
    onEnd: () => display.stop(),
    onStage: ({ name, number, count, repeat }) =>
      output.note(`stage ${number} of ${count}: ${name}${repeat > 1 ? `, repeat ${repeat}` : ''}`),
    onTest: (name) => output.note(`testing ${humanize(name)}`),
    onNote: (text) => output.note(text),
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

/** A clock that predicts the time of the remaining steps from the time of the steps since the start. */
class Clock {
  readonly totalSteps: number
  readonly #firstStep: number
  readonly #start = performance.now()

  constructor(firstStep: number, totalSteps: number) {
    this.#firstStep = firstStep
    this.totalSteps = totalSteps
  }

  /** Line about the first step, which comes long before the first line of the log where steps are slow. */
  firstLine(step: number): string | undefined {
    if (step !== this.#firstStep + 1) return undefined
    const seconds = (performance.now() - this.#start) / 1000
    return `step ${step}/${this.totalSteps}  the first took ${formatDuration(seconds)}, with compiling`
  }

  left(step: number): string {
    const seconds = (performance.now() - this.#start) / 1000
    return formatDuration((seconds * (this.totalSteps - step)) / (step - this.#firstStep))
  }
}
