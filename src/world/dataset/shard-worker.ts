import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { VisuomotorError, writeFileAtomic } from '../../core/index.ts'
import { SceneMaker } from './scene-maker.ts'
import { makeShard } from './shard.ts'
import type { WorkerAnswer, WorkerSpec } from './shard-workers.ts'
import type { ShardPlan } from './splits.ts'

/** Thread of `writeShards`: receives plans, writes files, and posts a message for each scene and each file. */
const { options, directory } = workerData as WorkerSpec
const opening = SceneMaker.open(options)

parentPort?.on('message', async (plan: ShardPlan) => {
  try {
    const bytes = await makeShard(await opening, plan, () => post({ kind: 'scene' }))
    writeFileAtomic(join(directory, plan.file), bytes)
    post({ kind: 'shard' })
  } catch (error) {
    const code = error instanceof VisuomotorError ? error.code : 'world/worker-failed'
    const message = error instanceof Error ? error.message : String(error)
    post({ kind: 'error', code, message: `${plan.file}: ${message}` })
  }
})

function post(answer: WorkerAnswer): void {
  parentPort?.postMessage(answer)
}
