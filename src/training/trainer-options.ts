import type { Batch, MonitorState } from '../core/index.ts'
import type { LossScale, Schedule } from '../optim/index.ts'
import type { BatchStream } from './batch-stream.ts'
import type { Callback } from './callback.ts'
import type { Communicator } from './communicator.ts'
import type { MemoryBudgetOptions } from './memory-budget.ts'
import type { ModelState } from './model-state.ts'
import type { MonitorOptions } from './monitor.ts'
import type { ParameterUpdate } from './parameter-update.ts'
import type { Task } from './task.ts'

/** A prepared training, its data, and the intervals of everything that happens on the way. */
export interface TrainerOptions {
  readonly task: Task
  readonly state: ModelState
  readonly update: ParameterUpdate
  /** Open the training data, at the beginning or at the position of an earlier part of the run. */
  readonly openStream: (position?: unknown) => BatchStream
  readonly learningRate: number
  readonly schedule: Schedule
  readonly totalSteps: number
  readonly stepsPerEpoch: number
  /** Samples in one forward pass; default: the whole batch. */
  readonly microBatchSize?: number
  /** Bound of the memory, which the number of samples at once follows, beginning with `microBatchSize`. Default: none. */
  readonly memoryBudget?: MemoryBudgetOptions & { readonly batchSize: number }
  /** Initial state of dynamic loss scaling, for a task that computes in half precision. Default: none. */
  readonly lossScale?: LossScale
  readonly validation?: MonitorOptions & {
    readonly everySteps: number
    readonly openBatches: () => AsyncIterable<Batch>
  }
  readonly checkpoints: {
    readonly run: string
    readonly everySteps: number
    /** Number of the newest checkpoints to keep, beside the best. */
    readonly keep: number
  }
  readonly logEverySteps: number
  readonly callbacks: readonly Callback[]
  /** Signal to end the run after the current step, with a checkpoint. */
  readonly signal?: AbortSignal
  readonly communicator?: Communicator
}

/** The outcome of a run. */
export interface TrainingResult {
  readonly step: number
  readonly interrupted: boolean
  /** The newest checkpoint; undefined when the run was over before its first step. */
  readonly checkpoint: string | undefined
  readonly best: MonitorState['best']
  readonly trainSeconds: number
  readonly dataWaitFraction: number
}
