import { layerDecayRules, type ParameterRule } from '../../optim/index.ts'
import type { Task } from '../../training/index.ts'
import type { Recipe } from './schema.ts'

/** The rules of a recipe for a task's parameters: its own, and those of its `layerDecay`. @throws Errors of `layerDecayRules`. */
export function rulesOf(
  { parameters: rules, layerDecay }: Pick<Recipe, 'parameters' | 'layerDecay'>,
  { parameters }: Pick<Task, 'parameters'>,
): readonly ParameterRule[] {
  if (layerDecay === undefined) return rules
  const named = [...parameters].map(([name, { shape }]) => ({ name, shape }))
  return layerDecayRules(named, layerDecay, rules)
}
