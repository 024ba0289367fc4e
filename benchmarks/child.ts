import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { z } from 'zod'

/** How a child process is started. */
export interface Launch {
  readonly command: string
  readonly arguments: readonly string[]
}

/** What a child could not do; the message is the reason to report. */
export class ChildFailure extends Error {}

/**
 * A process of its own that answers requests: JSON lines go in by its standard input and come out by its file
 * descriptor 3, so that nothing a library prints gets between them. The first reply comes unasked, when it is
 * ready.
 */
export class Child {
  readonly #process: ChildProcess
  readonly #replies: AsyncIterator<string>
  readonly #ended: Promise<string>
  #errors = ''

  constructor({ command, arguments: args }: Launch) {
    this.#process = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe', 'pipe'], env: environment() })
    const { stdin, stderr, stdio } = this.#process
    stdin?.on('error', () => {}) // what matters is why the process ended
    stderr?.on('data', (text) => {
      this.#errors = (this.#errors + String(text)).slice(-20_000)
    })
    const lines: Interface = createInterface({ input: stdio[3] as Readable })
    this.#replies = lines[Symbol.asyncIterator]()
    this.#ended = new Promise((resolve) => {
      this.#process.on('error', ({ message }) => resolve(message))
      this.#process.on('close', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`))
    })
  }

  /** Send a request and wait for its reply. @throws ChildFailure */
  ask<Reply>(request: object, schema: z.ZodType<Reply>): Promise<Reply> {
    const input = this.#process.stdin as Writable
    input.write(`${JSON.stringify(request)}\n`)
    return this.reply(schema)
  }

  /** Wait for the next reply. @param seconds The longest to wait; after it the process is ended. */
  async reply<Reply>(schema: z.ZodType<Reply>, seconds = 600): Promise<Reply> {
    const timer = setTimeout(() => {
      this.#errors = `TimeoutError: no answer within ${seconds} seconds`
      this.#process.kill('SIGKILL')
    }, seconds * 1000)
    const { value, done } = await this.#replies.next()
    clearTimeout(timer)
    if (done !== true) return schema.parse(JSON.parse(value))
    const ending = await this.#ended
    throw new ChildFailure(lastError(this.#errors) ?? ending)
  }

  /** The most memory it had resident so far; only Linux tells. */
  get peakMemoryBytes(): number | undefined {
    if (process.platform !== 'linux' || this.#process.pid === undefined) return undefined
    // Not what getrusage says, which begins with the size of the process that forked.
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8')
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? []
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
  }

  async end(): Promise<void> {
    this.#process.stdin?.end()
    this.#process.kill('SIGKILL')
    await this.#ended
  }
}

/** Ours, but for the variables that tie OpenBLAS to old kernels: they would slow the peers that use it. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OPENBLAS_')))

/** The line of a traceback, of Node or Python, that says what went wrong. */
const lastError = (text: string): string | undefined =>
  text.match(/^(?:[\w.]*\.)?\w*(?:Error|Exception|Failure)(?: \[\w+\])?: .*$/gm)?.at(-1)
