import type { SearchObjective } from '../../compression/index.ts'
import { ConfigError, didYouMean } from '../../core/index.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import type { ModelCost } from './measure-model.ts'

/** Costs that a study can lower beside quality; the numbers of {@link ModelCost}. */
export const costNames = [
  'latency',
  'latencyP95',
  'batchLatency',
  'batchLatencyP95',
  'parameters',
  'memory',
] as const satisfies readonly (keyof ModelCost)[]

/** Names of all objectives. */
export const searchObjectiveNames: readonly string[] = ['quality', ...costNames]

/** The monitored metric of a recipe, which is a study's quality. */
export interface Monitored {
  readonly metric: string
  readonly direction: 'max' | 'min'
}

/**
 * The monitored metric of a recipe.
 * @throws ConfigError `study/options` for a recipe without validation data, or with stages.
 */
export function monitoredBy(recipe: Recipe, registry: Registry): Monitored {
  if (recipe.stages)
    throw new ConfigError(
      'study/options',
      `${recipe.name} is trained in stages, each with a metric of its own; search the recipe of one of them`,
      { recipe: recipe.name },
    )
  if (!recipe.validation.data)
    throw new ConfigError(
      'study/options',
      `quality is measured on validation data, and ${recipe.name} has none: name it with --set validation.data=…`,
      { recipe: recipe.name },
    )
  const row = objectiveOf(recipe, registry)
  const metric = recipe.validation.monitor ?? row.monitor(recipe)
  return { metric, direction: recipe.validation.direction ?? row.metrics(recipe)[metric] ?? 'max' }
}

/**
 * Objectives of a study by their names; quality is always the first.
 * @throws ConfigError `study/options` naming the nearest.
 */
export function searchObjectives(names: readonly string[], { direction }: Monitored): SearchObjective[] {
  for (const name of names) {
    if (searchObjectiveNames.includes(name)) continue
    const hint = didYouMean(name, searchObjectiveNames)
    throw new ConfigError('study/options', `there is no objective '${name}'${hint}`, { objective: name })
  }
  const costs = names.filter((name) => name !== 'quality')
  return [
    { name: 'quality', direction },
    ...[...new Set(costs)].map((name) => ({ name, direction: 'min' as const })),
  ]
}
