import type { Model } from '../../models/index.ts'
import type { AddedLosses } from '../../training/index.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import type { Teacher } from './teacher.ts'

/**
 * The losses that a recipe's teachers add to its objective: α · Σ weight · term, beside (1 − α) of the objective's own.
 * @throws ConfigError `config/distillation` for a teacher that does not fit.
 */
export function addedLosses(
  model: Model,
  recipe: Recipe,
  teachers: readonly Teacher[],
  registry: Registry,
): AddedLosses | undefined {
  const row = objectiveOf(recipe, registry).distillation
  if (!recipe.distillation || !row) return undefined
  const { alpha, terms = row.usual } = recipe.distillation
  for (const teacher of teachers) row.requireFitting(model, teacher, terms, recipe)
  const losses = row.losses(model, teachers, terms, recipe)
  return {
    ownWeight: 1 - alpha,
    terms: losses.map((term) => ({ ...term, weight: alpha * term.weight })),
  }
}
