import type { HostArray } from '../core/index.ts'
import type { Engine } from '../engine/index.ts'
import {
  type Ema,
  initialLossScale,
  type LossScale,
  type Optimizer,
  type ParameterRule,
  parameterGroups,
} from '../optim/index.ts'
import { createModelState, type ModelState } from './model-state.ts'
import { ParameterUpdate } from './parameter-update.ts'
import type { Task } from './task.ts'
import { Trainer } from './trainer.ts'
import type { TrainerOptions } from './trainer-options.ts'

/** A task, its device, and the rules by which its parameters change. */
export interface PreparationOptions<T extends Task = Task> {
  readonly task: T
  readonly engine: Engine
  readonly optimizer: Optimizer
  /** Freeze, decay and schedule parameters by path patterns; default: all are treated alike. */
  readonly rules?: readonly ParameterRule[]
  /** Largest norm of the whole gradient; a larger gradient is scaled down to it. Default: none. */
  readonly clipNorm?: number
  /** Exponential moving average of the weights, which validation and checkpoints use. Default: none. */
  readonly average?: Ema
  /** Seed of the values to begin with. */
  readonly seed: number
  /** Initial values by name; the others are drawn. Default: all are drawn. */
  readonly values?: ReadonlyMap<string, HostArray>
  /** Names of the initial values whose exact zeros stay zero: see `ModelStateOptions`. Default: no zeros are kept. */
  readonly keepZeros?: readonly string[]
}

/** Fresh parameters of a task with their optimizer: all that a trainer takes, except the length of its run. */
export interface PreparedTraining<T extends Task = Task> {
  readonly task: T
  readonly state: ModelState
  readonly update: ParameterUpdate
  /** Learning rate of the optimizer. */
  readonly learningRate: number
  /** Initial state of dynamic loss scaling, for a task that computes in half precision. */
  readonly lossScale?: LossScale
}

/** All options of a run. A `learningRate` or `lossScale` overrides that of the preparation. */
export type TrainingOptions<T extends Task = Task> = PreparationOptions<T> &
  Omit<TrainerOptions, 'task' | 'state' | 'update' | 'learningRate'> &
  Partial<Pick<TrainerOptions, 'learningRate'>>

/**
 * Fresh parameters, their groups and their update, for programs that need them before the trainer.
 * @throws ConfigError for rules that match nothing, and `training/initial-values`.
 */
export async function prepareTraining<T extends Task>(
  options: PreparationOptions<T>,
): Promise<PreparedTraining<T>> {
  const { task, engine, optimizer, rules = [], clipNorm, average, seed, values, keepZeros } = options
  const named = [...task.parameters].map(([name, { shape }]) => ({ name, shape }))
  const state = await createModelState({
    engine,
    parameters: task.parameters,
    groups: parameterGroups(named, rules, optimizer),
    optimizer,
    seed,
    average: average !== undefined,
    ...(values && { values }),
    ...(keepZeros && { keepZeros }),
  })
  return {
    task,
    state,
    update: await ParameterUpdate.create(state, { optimizer, clipNorm, ema: average }),
    learningRate: optimizer.learningRate,
    ...(task.precision === 'float16' && { lossScale: initialLossScale }),
  }
}

/** A training ready to run: `await trainer.run()`; call `await trainer.resume()` first to resume from a checkpoint. */
export async function training<T extends Task>(
  options: TrainingOptions<T>,
): Promise<PreparedTraining<T> & { readonly trainer: Trainer }> {
  const prepared = await prepareTraining(options)
  return { ...prepared, trainer: new Trainer({ ...prepared, ...options }) }
}
