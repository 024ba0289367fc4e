import { layerDecayRules, type ParameterRule, parameterGroups } from '../../optim/index.ts'
import type { Task } from '../../training/index.ts'
import { adapterRules } from './lora.ts'
import type { Recipe } from './schema.ts'

/** The rules of a recipe for a task's parameters: those of its adapters, its own, and those of its `layerDecay`. @throws Errors of `layerDecayRules`. */
export function rulesOf(
  { parameters: own, layerDecay, lora }: Pick<Recipe, 'parameters' | 'layerDecay' | 'lora'>,
  { parameters }: Pick<Task, 'parameters'>,
): readonly ParameterRule[] {
  const rules = [...adapterRules({ lora }), ...own]
  if (layerDecay === undefined) return rules
  const named = [...parameters].map(([name, { shape }]) => ({ name, shape }))
  return layerDecayRules(named, layerDecay, rules)
}

/** Names of the parameters that a recipe trains, at once or later. @throws Errors of {@link rulesOf} and `parameterGroups`. */
export function trainedNames(
  recipe: Pick<Recipe, 'parameters' | 'layerDecay' | 'lora'>,
  { parameters }: Pick<Task, 'parameters'>,
): string[] {
  const named = [...parameters].map(([name, { shape }]) => ({ name, shape }))
  const groups = parameterGroups(named, rulesOf(recipe, { parameters }))
  return groups.flatMap(({ names, frozenEpochs }) => (frozenEpochs < Number.POSITIVE_INFINITY ? names : []))
}
