import { buildModel } from '../models/index.ts'
import { parameterGroups } from '../optim/index.ts'
import type { Experiment } from './experiment.ts'
import { learnerOf } from './learners/index.ts'
import { optimizerOf } from './optimization.ts'
import { stageRecipe } from './stages/stage-recipe.ts'

/**
 * That every rule of `parameters` is one of the model's, in every stage: before any data is made, for how many numbers a
 * parameter has does not matter to its name.
 * @throws ConfigError as `parameterGroups`.
 */
export function requireRules(config: Experiment): void {
  const stages = (config.stages ?? []).map((_, i) => stageRecipe(config, config.model, i, config.base))
  for (const each of [config, ...stages]) {
    const { task } = learnerOf(buildModel(each.model, each), each, 1)
    const named = [...task.parameters].map(([name, { shape }]) => ({ name, shape }))
    parameterGroups(named, each.parameters, optimizerOf(each.optimizer))
  }
}
