import { Engine } from '../engine/index.ts'
import { ema, parameterGroups } from '../optim/index.ts'
import { createModelState, type ModelState, ParameterUpdate, type Task } from '../training/index.ts'
import type { Experiment } from './experiment.ts'
import { optimizerOf } from './optimization.ts'

/** Fresh parameters of a task on the recipe's device, and the end of its steps. */
export async function prepareState(
  config: Experiment,
  task: Task,
): Promise<{ state: ModelState; update: ParameterUpdate }> {
  const optimizer = optimizerOf(config.optimizer)
  const named = [...task.parameters].map(([name, { shape }]) => ({ name, shape }))
  const average = config.averageDecay === undefined ? undefined : ema({ decay: config.averageDecay })
  const state = await createModelState({
    engine: new Engine({ device: config.device, ...(config.threads && { threads: config.threads }) }),
    parameters: task.parameters,
    groups: parameterGroups(named, config.parameters, optimizer),
    optimizer,
    seed: config.seed,
    average: average !== undefined,
  })
  const clipNorm = config.clipNorm ?? undefined
  return { state, update: await ParameterUpdate.create(state, { optimizer, clipNorm, ema: average }) }
}
