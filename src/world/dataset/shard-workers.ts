import type { Worker } from 'node:worker_threads'
import { startWorker, WorldError } from '../../core/index.ts'
import type { DatasetOptions } from './options.ts'
import type { ShardPlan } from './splits.ts'

/** Start data of a worker thread. */
export interface WorkerSpec {
  readonly options: DatasetOptions
  readonly directory: string
}

/** Message from a worker: a finished scene, a written shard, or an error. */
export type WorkerAnswer =
  | { readonly kind: 'scene' }
  | { readonly kind: 'shard' }
  | { readonly kind: 'error'; readonly code: WorldError['code']; readonly message: string }

/**
 * Write shards in worker threads; each takes the next free one. Ends early, between shards, when `signal` fires.
 * @throws WorldError from a worker, after all have stopped.
 */
export async function writeShards(
  plans: readonly ShardPlan[],
  spec: WorkerSpec,
  workers: number,
  onScene: () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const waiting = [...plans]
  const stopped = new AbortController()
  const next = () => (signal?.aborted || stopped.signal.aborted ? undefined : waiting.shift())
  const count = Math.min(workers, plans.length)
  const outcomes = await Promise.allSettled(
    Array.from({ length: count }, () =>
      serve(startWorker(import.meta.url, 'shard-worker', spec), next, onScene, stopped),
    ),
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

/** Feed shards to one worker until none is left. */
async function serve(
  worker: Worker,
  next: () => ShardPlan | undefined,
  onScene: () => void,
  stopped: AbortController,
): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      const give = () => {
        const plan = next()
        if (plan === undefined) resolve()
        else worker.postMessage(plan)
      }
      worker.on('message', (answer: WorkerAnswer) => {
        if (answer.kind === 'scene') onScene()
        else if (answer.kind === 'shard') give()
        else reject(new WorldError(answer.code, answer.message))
      })
      worker.on('error', (cause) => reject(workerFailed(cause)))
      worker.on('exit', (code) => reject(workerFailed(new Error(`it ended with code ${code}`))))
      give()
    })
  } catch (error) {
    stopped.abort()
    throw error
  } finally {
    await worker.terminate()
  }
}

const workerFailed = (cause: Error): WorldError =>
  new WorldError('world/worker-failed', `a worker thread failed: ${cause.message}`, {}, { cause })
