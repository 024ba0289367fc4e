import type { ChildProcess } from 'node:child_process'
import type { Worker } from 'node:worker_threads'
import {
  startProcess as startAnyProcess,
  startWorker as startAnyWorker,
} from '../../src/core/worker-module.ts'

// In tests this stands for src/core/worker-module.ts (vitest.config.ts): the built modules start in a tenth of the time that their
// sources take through tsx, and are the same ones (build-package.ts).

const built = (base: string): string => base.replace('/src/', '/dist/').replace(/\.ts$/, '.js')

export const startWorker = (base: string, name: string, workerData: unknown): Worker =>
  startAnyWorker(built(base), name, workerData)

export const startProcess = (base: string, name: string): ChildProcess => startAnyProcess(built(base), name)
