import { parentPort } from 'node:worker_threads'
import { Preparer, type PrepareSpec } from './prepare.ts'
import type { WorkerAnswer, WorkerRequest } from './worker-pool.ts'

/**
 * Thread behind `WorkerPool`: a specification first, then requests in, prepared rows out, in order, buffers moved, not
 * copied. A specification that makes no preparer ends the thread.
 */
parentPort?.once('message', (spec: PrepareSpec) => {
  const preparer = new Preparer(spec)
  let queue: Promise<void> = Promise.resolve()
  parentPort?.on('message', (request: WorkerRequest) => {
    queue = queue.then(() => answer(preparer, request))
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
