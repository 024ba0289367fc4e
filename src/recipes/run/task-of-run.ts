import { Supernet, type Values } from '../../compression/index.ts'
import { random } from '../../core/index.ts'
import { imageProcessingOf } from '../../deploy/index.ts'
import { buildModel, type Model } from '../../models/index.ts'
import { type ModelState, sandwichTask, type Task } from '../../training/index.ts'
import { taughtTask } from '../distillation/taught-task.ts'
import type { Teacher } from '../distillation/teacher.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import { imageSettings } from './batches.ts'
import type { ResolvedRecipe } from './resolve.ts'

/** The task of a run: that of its model, or of a supernet and its sub-networks. */
export function taskOfRun(model: Model, resolved: ResolvedRecipe, totalSteps: number): Task {
  const { recipe, teachers, registry, tokenizer } = resolved
  const inputs = { tokenizer, image: imageProcessingOf(imageSettings(recipe, registry)) }
  const taskOf = (of: Model) => taughtTask(of, recipe, { teachers, totalSteps, registry, inputs })
  const net = supernetOf(resolved)
  if (!net || !recipe.supernet) return taskOf(model)
  const { random: count, redrawSteps, distil } = recipe.supernet
  const inPlace = distil ? learningFrom(model, recipe, registry) : undefined
  const partOf = (values: Values) => {
    const part = net.model(values)
    if (!inPlace) return taskOf(part)
    return objectiveOf(recipe, registry).task(part, recipe, { totalSteps, added: inPlace.added(part) })
  }
  return sandwichTask({
    largest: taskOf(model),
    smallest: partOf(net.smallest),
    random: count,
    redrawSteps,
    draw: (draw) => partOf(net.draw(random(recipe.seed, 'supernet', draw))),
    ...(inPlace && { teach: inPlace.teach }),
  })
}

/** Share of the largest network in the loss of those that learn from it: the default of `distill`. */
const alpha = 0.7

/** Distillation in place (Yu & Huang 2019): what sub-networks learn from the largest, as it is now. */
function learningFrom(model: Model, recipe: Recipe, registry: Registry) {
  const row = objectiveOf(recipe, registry).distillation!
  const name = 'largest'
  const teacher = { name, directory: name, digest: name, description: { model } as Teacher['description'] }
  return {
    added: (part: Model) => ({
      ownWeight: 1 - alpha,
      terms: row
        .losses(part, [teacher], row.usual, recipe)
        .map((term) => ({ ...term, weight: alpha * term.weight })),
    }),
    teach: (state: ModelState) => row.inPlace!(model, name, state),
  }
}

/** The supernet of a recipe; undefined for a recipe without. @throws ConfigError of {@link Supernet}. */
export function supernetOf({ recipe, registry, model, tokenizer }: ResolvedRecipe): Supernet | undefined {
  if (!recipe.supernet) return undefined
  const { families } = registry
  const image = imageProcessingOf(imageSettings(recipe, registry))
  const description = { model: buildModel(model, { families }), tokenizer, image }
  return new Supernet(description, recipe.supernet.parts, { families, recompute: recipe.machine.recompute })
}
