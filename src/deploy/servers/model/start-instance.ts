import type { ChildProcess } from 'node:child_process'
import { RequestError, startProcess } from '../../../core/index.ts'
import { uncarried } from './carried-error.ts'
import type { CarriedOutcome, FromInstance, InstanceOptions, ToInstance } from './instance-process.ts'
import type { Batch, GraphDescription, Instance, Outcome } from './lanes.ts'

/** Longest time for a batch. An instance that takes longer is taken for one that hangs, and ended. */
const longestBatch = 60_000

interface Waiting {
  readonly resolve: (outcomes: readonly Outcome[]) => void
  readonly reject: (error: Error) => void
}

/**
 * Start an instance in a process of its own.
 * @param signal Sign to end a process that has not loaded its model yet.
 * @throws The errors of `loadModel`; RequestError `serve/instance` for a process that ends before it has loaded the model.
 */
export async function startInstance(
  directory: string,
  options: InstanceOptions,
  signal: AbortSignal,
): Promise<Instance> {
  const child = startProcess(import.meta.url, 'instance-process')
  const { onNote, ...plain } = options
  const kill = () => void child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  const load = loaded(child, { type: 'load', directory, options: plain }, onNote)
  const graphs = await load.finally(() => signal.removeEventListener('abort', kill))
  return new ProcessInstance(child, graphs, onNote)
}

function loaded(
  child: ChildProcess,
  load: ToInstance,
  onNote: ((text: string) => void) | undefined,
): Promise<readonly GraphDescription[]> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null) =>
      reject(died(`it ${reasonOf(code, signal)} while it loaded the model`))
    child.once('exit', ended)
    child.once('error', reject)
    child.on('message', function receive(message: FromInstance) {
      if (message.type === 'note') return onNote?.(message.text)
      child.off('message', receive)
      child.off('exit', ended)
      if (message.type === 'loaded') return resolve(message.graphs)
      child.kill('SIGKILL')
      reject(message.type === 'failed' ? uncarried(message.error) : died('it answered before it was asked'))
    })
    child.send(load)
  })
}

const reasonOf = (code: number | null, signal: string | null): string =>
  signal ? `was ended by ${signal}` : `ended with code ${code}`

const died = (what: string): RequestError =>
  new RequestError('serve/instance', `an instance of the model died: ${what}. It is started again; try again`)

class ProcessInstance implements Instance {
  readonly graphs: readonly GraphDescription[]
  readonly death: Promise<string>
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #count = 0
  #isStopping = false

  constructor(
    child: ChildProcess,
    graphs: readonly GraphDescription[],
    onNote: ((text: string) => void) | undefined,
  ) {
    this.#child = child
    this.graphs = graphs
    child.on('message', (message: FromInstance) => {
      if (message.type === 'done') this.#settle(message.id, message.outcomes)
      else if (message.type === 'note') onNote?.(message.text)
    })
    child.on('error', () => {}) // a message to a dead process; its exit tells the rest
    this.death = new Promise((resolve) => {
      const ended = (code: number | null, signal: string | null) => {
        const reason = reasonOf(code, signal)
        for (const { reject } of this.#waiting.values()) reject(died(`it ${reason} over this batch`))
        this.#waiting.clear()
        if (!this.#isStopping) resolve(reason)
      }
      if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode)
      else child.once('exit', ended)
    })
  }

  run(batch: Batch): Promise<readonly Outcome[]> {
    const id = this.#count++
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), longestBatch)
    return new Promise<readonly Outcome[]>((resolve, reject) => {
      if (!this.#child.connected) return reject(died('it is gone'))
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ type: 'run', id, batch } satisfies ToInstance)
    }).finally(() => clearTimeout(timer))
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.disconnect()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2000)
    await ended
    clearTimeout(timer)
  }

  #settle(id: number, outcomes: readonly CarriedOutcome[]): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    const settled = outcomes.map((outcome) =>
      'error' in outcome ? { error: uncarried(outcome.error) } : outcome,
    )
    waiting?.resolve(settled)
  }
}
