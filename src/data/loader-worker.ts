import { parentPort } from 'node:worker_threads'
import { Preparer, type PrepareSpec } from './prepare.ts'
import type { WorkerAnswer, WorkerEnd, WorkerRequest } from './worker-pool.ts'

/**
 * Thread behind `WorkerPool`: a specification first, then requests in, prepared rows out, in order, buffers moved, not
 * copied. A specification that makes no preparer ends the thread. When it is told to end it leaves the requests that it
 * has not begun.
 */
parentPort?.once('message', (spec: PrepareSpec) => {
  const preparer = new Preparer(spec)
  let queue: Promise<void> = Promise.resolve()
  let isOver = false
  parentPort?.on('message', (request: WorkerRequest | WorkerEnd) => {
    if (request === 'end') {
      isOver = true
      parentPort?.close()
    } else queue = queue.then(() => (isOver ? undefined : answer(preparer, request)))
  })
})

async function answer(preparer: Preparer, { number, rows }: WorkerRequest): Promise<void> {
  try {
    const prepared = await preparer.prepare(rows)
    const buffers = Object.values(prepared.arrays).map(({ data }) => data.buffer as ArrayBuffer)
    post({ number, prepared }, buffers)
  } catch (error) {
    post({ number, error: error instanceof Error ? error : new Error(String(error)) })
  }
}

function post(message: WorkerAnswer, buffers: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, buffers)
}
