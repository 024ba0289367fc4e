import type { Worker } from 'node:worker_threads'
import { DataError } from '../core/index.ts'
import { takeThread } from './loader-threads.ts'
import { type PreparedRows, type PrepareRow, Preparer, type PrepareSpec } from './prepare.ts'

/** Request to a worker, whose first message is the specification: rows to prepare, under a number. */
export interface WorkerRequest {
  readonly number: number
  readonly rows: readonly PrepareRow[]
}

/**
 * Request to a worker to end after what it is doing. A thread must not be ended from outside while it inflates an image:
 * Node.js 20 then ends the whole process by an assertion ("close before init").
 */
export type WorkerEnd = 'end'

/** Answer of a worker: the rows of a request, or the error that was thrown. */
export type WorkerAnswer = { readonly number: number } & (
  | { readonly prepared: PreparedRows }
  | { readonly error: Error }
)

/** Pool that prepares rows in this thread or in others. */
export interface PreparerPool {
  /** Flag of a pool that works in the calling thread, and so only while that thread waits. */
  readonly isInline: boolean
  /** Count of threads that prepare. */
  readonly threads: number
  prepare(rows: readonly PrepareRow[]): Promise<PreparedRows>
  /** Wait for a promise of `prepare`; only this keeps the process alive. */
  waitFor<T>(promise: Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Pool in this thread, one request after the other. */
export function inlinePool(spec: PrepareSpec): PreparerPool {
  const preparer = new Preparer(spec)
  return {
    isInline: true,
    threads: 1,
    prepare: (rows) => preparer.prepare(rows),
    waitFor: (promise) => promise,
    close: async () => {},
  }
}

interface Waiting {
  resolve(rows: PreparedRows): void
  reject(error: Error): void
}

/**
 * Worker threads that take requests in turn. Requests wait in the thread's own queue, so a thread continues while this
 * one is busy. When a thread dies, all requests fail with `data/worker-failed`.
 */
export class WorkerPool implements PreparerPool {
  readonly isInline = false
  readonly threads: number
  readonly #workers: readonly Worker[]
  readonly #waiting = new Map<number, Waiting>()
  #requests = 0
  #failure: DataError | undefined

  constructor(count: number, spec: PrepareSpec) {
    this.threads = count
    this.#workers = Array.from({ length: count }, () => this.#start(spec))
  }

  prepare(rows: readonly PrepareRow[]): Promise<PreparedRows> {
    const number = this.#requests++
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      this.#waiting.set(number, { resolve, reject })
      const request: WorkerRequest = { number, rows }
      this.#workers[number % this.#workers.length]?.postMessage(request)
    })
  }

  async waitFor<T>(promise: Promise<T>): Promise<T> {
    for (const worker of this.#workers) worker.ref()
    try {
      return await promise
    } finally {
      for (const worker of this.#workers) worker.unref()
    }
  }

  async close(): Promise<void> {
    this.#fail(new DataError('data/loader-closed', 'the loader is closed'))
    await Promise.all(this.#workers.map(ended))
  }

  #start(spec: PrepareSpec): Worker {
    const worker = takeThread()
    worker.postMessage(spec)
    worker.on('message', (answer: WorkerAnswer) => {
      const waiting = this.#waiting.get(answer.number)
      this.#waiting.delete(answer.number)
      if ('prepared' in answer) waiting?.resolve(answer.prepared)
      else waiting?.reject(workerFailed(answer.error))
    })
    worker.on('error', (error) => this.#fail(workerFailed(error)))
    worker.on('exit', (code) => this.#fail(workerFailed(new Error(`it ended with code ${code}`))))
    return worker
  }

  /** Record a failure; only the first one is reported. */
  #fail(failure: DataError): void {
    this.#failure ??= failure
    for (const { reject } of this.#waiting.values()) reject(this.#failure)
    this.#waiting.clear()
  }
}

/** End a thread; one that is over already has no number. */
async function ended(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return
  const exit = new Promise((resolve) => worker.once('exit', resolve))
  worker.ref()
  worker.postMessage('end' satisfies WorkerEnd)
  await exit
}

const workerFailed = (cause: unknown): DataError => {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new DataError('data/worker-failed', `a worker thread of the loader failed: ${reason}`, {}, { cause })
}
