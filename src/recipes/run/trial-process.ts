import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { identityOf, type WorkerIdentity } from '../../compression/index.ts'
import { withoutLaunch } from '../../training/index.ts'

/** End of a process, and its standard output. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

/** Seconds that a process has to write its checkpoint when it is asked to end. */
const grace = 60

/**
 * The process of a trial. It is connected to this one and ends when this one dies (`main.ts`). Time in which it is
 * halted does not count as its own.
 */
export class TrialProcess {
  readonly identity: WorkerIdentity
  readonly #child: ChildProcess
  readonly #ended: Promise<ChildEnd>
  readonly #start = performance.now()
  #end: ChildEnd | undefined
  #haltedAt: number | undefined
  #halted = 0

  /** @param log File descriptor for its standard error. */
  constructor([program, ...argv]: readonly string[], log: number) {
    this.#child = spawn(program!, argv, {
      stdio: ['ignore', 'pipe', log, 'ipc'],
      // A worker that mpirun started shares a study with others; its trials are nobody's members.
      env: withoutLaunch(),
      // Its own group: Ctrl-C is for the worker, which then asks the trial to end in good order.
      detached: process.platform !== 'win32',
    })
    this.identity = identityOf(this.#child.pid ?? process.pid)
    let output = ''
    this.#child.stdout!.on('data', (text) => {
      output += String(text)
    })
    this.#ended = new Promise((resolve) => {
      const over = (code: number | null, signal: NodeJS.Signals | null, text: string) => {
        this.#end ??= { code, signal, output: text }
        resolve(this.#end)
      }
      this.#child.on('error', (error) => over(1, null, error.message))
      this.#child.on('close', (code, signal) => over(code, signal, output))
    })
  }

  get ended(): boolean {
    return this.#end !== undefined
  }

  /** Seconds since its start, without those in which it was halted. */
  get seconds(): number {
    const now = performance.now()
    const halted = this.#halted + (this.#haltedAt === undefined ? 0 : now - this.#haltedAt)
    return (now - this.#start - halted) / 1000
  }

  /** Wait for its end; with a signal, ask for it first, and after a minute's grace force it. */
  async end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<ChildEnd> {
    if (signal && !this.#end) {
      this.goOn()
      this.#child.kill(signal)
      const force = new AbortController()
      const forced = setTimeout(grace * 1000, undefined, { signal: force.signal, ref: false })
        .then(() => this.#child.kill('SIGKILL'))
        .catch(() => {})
      await this.#ended
      force.abort()
      await forced
    }
    return this.#ended
  }

  /** Halt it where it stands. @returns False where the system cannot. */
  halt(): boolean {
    if (process.platform === 'win32' || this.ended) return this.ended
    if (this.#haltedAt !== undefined) return true
    this.#haltedAt = performance.now()
    return this.#child.kill('SIGSTOP')
  }

  /** Let a halted process go on. */
  goOn(): void {
    if (this.#haltedAt === undefined) return
    this.#halted += performance.now() - this.#haltedAt
    this.#haltedAt = undefined
    this.#child.kill('SIGCONT')
  }
}
