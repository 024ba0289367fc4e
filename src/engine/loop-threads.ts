import type { Worker } from 'node:worker_threads'
import { EngineError, startWorker } from '../core/index.ts'
import type { LoopWork } from './loop-blocks.ts'

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

/** A thread that computes loops, one after the other. It keeps the process alive only while it computes. */
class LoopThread {
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []

  constructor() {
    this.#worker = startWorker(import.meta.url, 'loop-worker', undefined)
    this.#worker.unref()
    this.#worker.on('message', () => {
      this.#waiting.shift()!.resolve()
      if (this.#waiting.length === 0) this.#worker.unref()
    })
    this.#worker.on('error', (cause) => this.#fail(cause))
  }

  compute(work: LoopWork): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.ref()
      this.#worker.postMessage(work)
    })
  }

  #fail(cause: unknown): void {
    threads.splice(threads.indexOf(this), 1)
    const error = new EngineError('engine/thread', `a thread of the update died: ${cause}`, {}, { cause })
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}

/** Threads of the process; each is started when it is first needed. */
const threads: LoopThread[] = []

/** Compute each share on a thread of its own. @throws EngineError `engine/thread` when one dies. */
export async function computeOnThreads(shares: readonly LoopWork[]): Promise<void> {
  while (threads.length < shares.length) threads.push(new LoopThread())
  await Promise.all(shares.map((share, i) => threads[i]!.compute(share)))
}
