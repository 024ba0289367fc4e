import type { Problem } from '../objectives/objective.ts'
import { objectiveOf } from './objective-of.ts'
import type { Registry } from './registry.ts'
import type { Recipe } from './schema.ts'

/** Mistakes of a recipe's `distillation` that several keys make together. */
export function* distillationProblems(recipe: Recipe, registry: Registry): Generator<Problem> {
  const { distillation, stages, base, towers, mix } = recipe
  if (!distillation) return
  const row = objectiveOf(recipe, registry).distillation
  if (!row)
    return yield [
      `the objective '${recipe.objective.kind}' does not say how its models learn from teachers`,
      'distillation',
    ]
  if (stages)
    yield ['stages learn without teachers: distil the last of them in a run of its own', 'distillation']
  const begins = base !== undefined ? 'base' : towers && 'towers'
  if (begins && distillation.inherit)
    yield [
      `weights come from one place: leave out ${begins}, or distillation.inherit`,
      'distillation',
      'inherit',
    ]
  if (distillation.store && mix.length > 0)
    yield [
      'outputs of mixed samples cannot be stored, because every batch mixes others: leave out mix, or the store',
      'distillation',
      'store',
    ]
  for (const [index, { kind }] of (distillation.terms ?? []).entries()) {
    if (row.kinds.includes(kind)) continue
    yield [
      `models of the objective '${recipe.objective.kind}' have no '${kind}' to compare; there are ${row.kinds.join(', ')}`,
      'distillation',
      'terms',
      index,
      'kind',
    ]
  }
}
