import { Supernet } from '../../compression/index.ts'
import { random } from '../../core/index.ts'
import { buildModel, type Model } from '../../models/index.ts'
import { sandwichTask, type Task } from '../../training/index.ts'
import { taughtTask } from '../distillation/taught-task.ts'
import { imageProcessingOf } from '../../deploy/index.ts'
import { imageSettings } from './batches.ts'
import type { ResolvedRecipe } from './resolve.ts'

/** The task of a run: that of its model, or of a supernet and its sub-networks. */
export function taskOfRun(model: Model, resolved: ResolvedRecipe, totalSteps: number): Task {
  const { recipe, teachers, registry } = resolved
  const taskOf = (of: Model) => taughtTask(of, recipe, { teachers, totalSteps, registry })
  const net = supernetOf(resolved)
  if (!net || !recipe.supernet) return taskOf(model)
  const { random: count, redrawSteps } = recipe.supernet
  return sandwichTask({
    largest: taskOf(model),
    smallest: taskOf(net.model(net.smallest)),
    random: count,
    redrawSteps,
    draw: (draw) => taskOf(net.model(net.draw(random(recipe.seed, 'supernet', draw)))),
  })
}

/** The supernet of a recipe; undefined for a recipe without. @throws ConfigError of {@link Supernet}. */
export function supernetOf({ recipe, registry, model, tokenizer }: ResolvedRecipe): Supernet | undefined {
  if (!recipe.supernet) return undefined
  const { families } = registry
  const image = imageProcessingOf(imageSettings(recipe, registry))
  const description = { model: buildModel(model, { families }), tokenizer, image }
  return new Supernet(description, recipe.supernet.parts, { families, recompute: recipe.machine.recompute })
}
