import { parentPort } from 'node:worker_threads'
import { computeBlocks, type LoopWork } from './loop-blocks.ts'
import { instantiate } from './wasm-loop.ts'

// A thread of ../engine/loop-threads.ts: it computes what it is sent, and answers when that is done.

parentPort!.on('message', (work: LoopWork) => {
  computeBlocks(instantiate(work.module, work.memory), work)
  parentPort!.postMessage(undefined)
})
