import { ConfigError } from '../../core/index.ts'
import type { Model } from '../../models/index.ts'
import type { AddedLosses, Task } from '../../training/index.ts'
import type { TaskRun } from '../objectives/objective.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import type { Teacher } from './teacher.ts'

/** Options of a task beside its model and recipe. */
export interface TaughtTaskOptions {
  readonly teachers: readonly Teacher[]
  readonly totalSteps: number
  readonly registry: Registry
  readonly inputs?: TaskRun['inputs']
}

/**
 * The task of a recipe, with the losses that its teachers add to its objective.
 * @throws ConfigError `config/distillation` for a teacher that does not fit, and for an objective whose task does not take
 * added losses.
 */
export function taughtTask(model: Model, recipe: Recipe, options: TaughtTaskOptions): Task {
  const { teachers, totalSteps, registry, inputs } = options
  const added = addedLosses(model, recipe, teachers, registry)
  let isTaken = added === undefined
  const task = objectiveOf(recipe, registry).task(model, recipe, {
    totalSteps,
    ...(inputs && { inputs }),
    // An objective of a user may have the row of another, but a task of its own that knows nothing of teachers.
    get added() {
      isTaken = true
      return added
    },
  })
  if (isTaken) return task
  const { kind } = recipe.objective
  const message = `the objective '${kind}' does not learn from teachers: its task must add the losses in run.added`
  throw new ConfigError('config/distillation', message, { kind })
}

/** α · Σ weight · term, beside (1 − α) of the objective's own loss. */
function addedLosses(
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
