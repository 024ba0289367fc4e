import { Engine } from '../engine/index.ts'
import { ema } from '../optim/index.ts'
import { type PreparedTraining, prepareTraining, type Task } from '../training/index.ts'
import type { Experiment } from './experiment.ts'
import { optimizerOf } from './optimization.ts'

/** Fresh parameters of a task on the recipe's device, and the end of its steps. */
export const prepareState = (config: Experiment, task: Task): Promise<PreparedTraining> =>
  prepareTraining({
    task,
    engine: new Engine({ device: config.device, ...(config.threads && { threads: config.threads }) }),
    optimizer: optimizerOf(config.optimizer),
    rules: config.parameters,
    ...(config.clipNorm !== null && { clipNorm: config.clipNorm }),
    ...(config.averageDecay !== undefined && { average: ema({ decay: config.averageDecay }) }),
    seed: config.seed,
  })
