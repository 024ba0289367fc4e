import type { Worker } from 'node:worker_threads'
import { startWorker } from '../core/index.ts'

/** Threads that wait for a loader; meanwhile they load their modules. */
const waiting = new Set<Worker>()

/**
 * Start threads for the next loader while its options are still being found. They do not keep the process alive.
 * @param count Number of threads of that loader.
 */
export function startThreads(count: number): void {
  while (waiting.size < count) {
    const worker = start()
    const forget = () => void waiting.delete(worker) // a loader starts another one, and tells if that fails, too
    worker.on('error', forget).on('exit', forget)
    waiting.add(worker)
  }
}

/** A thread for a loader: one that waits, or a new one. Its first message must be the specification. */
export function takeThread(): Worker {
  const [worker = start()] = waiting
  waiting.delete(worker)
  return worker
}

function start(): Worker {
  const worker = startWorker(import.meta.url, 'loader-worker', undefined)
  worker.unref()
  return worker
}
