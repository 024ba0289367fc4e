import { join } from 'node:path'
import type { Launch } from './child.ts'

/** Who competes, ours first. */
export const contestantNames = [
  'visuomotor',
  'torchEager',
  'torchCompile',
  'torchPacked',
  'torchBf16',
  'jaxJs',
  'tfjsWasm',
] as const
export type ContestantName = (typeof contestantNames)[number]

/** What a contestant is told when it starts. */
export interface ContestantTask {
  /** Of the case: config, weights, batch. */
  readonly directory: string
  /** Train, or encode images. */
  readonly mode: 'train' | 'infer'
  /** Where the gradients of the first step go: float32, parameter after parameter in the order of their names. */
  readonly gradients?: string
}

const here = import.meta.dirname

/** TypeScript in a Node of its own, started as this one was; `gc` lets it forget how it was prepared. */
export const nodeLaunch = (file: string, task: object): Launch => ({
  command: process.execPath,
  arguments: [...process.execArgv, '--expose-gc', join(here, file), JSON.stringify(task)],
})

export const pythonLaunch = (file: string, task: object): Launch => ({
  command: process.env.VISUOMOTOR_PYTHON ?? 'python3',
  arguments: [join(here, 'peers', file), JSON.stringify(task)],
})

/** How a contestant is started. */
export function contestantLaunch(name: ContestantName, task: ContestantTask): Launch {
  switch (name) {
    case 'visuomotor':
      return nodeLaunch('contestants/visuomotor.ts', task)
    case 'torchEager':
      return pythonLaunch('torch_contestant.py', { ...task, form: 'eager' })
    case 'torchCompile':
      return pythonLaunch('torch_contestant.py', { ...task, form: 'compiled' })
    case 'torchPacked':
      return pythonLaunch('torch_contestant.py', { ...task, form: 'packed' })
    case 'torchBf16':
      return pythonLaunch('torch_contestant.py', { ...task, form: 'bf16' })
    case 'jaxJs':
      return nodeLaunch('peers/jax-js.ts', task)
    case 'tfjsWasm':
      return nodeLaunch('peers/tfjs-wasm.ts', task)
  }
}

/** Seconds to wait for a first step. Compilers may take minutes; a step that takes this long is no contestant. */
export const patience: Readonly<Record<ContestantName, number>> = {
  visuomotor: 120,
  torchEager: 120,
  torchCompile: 300,
  torchPacked: 120,
  torchBf16: 120,
  jaxJs: 120,
  tfjsWasm: 120,
}
