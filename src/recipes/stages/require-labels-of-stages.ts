import type { Experiment } from '../experiment.ts'
import { requireLabels, requireMonitoredLabels } from '../require-labels.ts'
import { openData } from '../run-data.ts'
import { stageRecipe } from './stage-recipe.ts'

/**
 * That the data of every stage can teach its heads and tell whether it passes: a later stage that cannot work is told
 * before the first one is trained.
 * @throws as `openData` and `requireLabels`.
 */
export function requireLabelsOfStages(config: Experiment): void {
  const { stages = [], model, base } = config
  for (const index of stages.keys()) {
    const recipe = stageRecipe(config, model, index, base)
    const { training, validation } = openData(recipe)
    if ('heads' in model) requireLabels(model, recipe.objective, training)
    if (validation) requireMonitoredLabels(recipe, validation)
  }
}
