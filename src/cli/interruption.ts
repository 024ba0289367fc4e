import { exitCode } from './exit-code.ts'
import type { Output } from './output.ts'

const signals = ['SIGINT', 'SIGTERM'] as const

/**
 * Do work that the user may interrupt: the first SIGINT or SIGTERM fires the signal, so that the work can end in good
 * order; the second ends the process at once.
 * @param stopping Message after the first signal about the end of the work.
 */
export async function interruptible<T>(
  output: Output,
  work: (signal: AbortSignal) => Promise<T>,
  stopping = 'stopping after this step, with a checkpoint',
): Promise<T> {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted)
    const ownLine = output.terminal ? '\n' : ''
    output.note(`${ownLine}${stopping}; once more stops at once`)
    controller.abort()
  }
  for (const signal of signals) process.on(signal, interrupt)
  try {
    return await work(controller.signal)
  } finally {
    for (const signal of signals) process.off(signal, interrupt)
  }
}
