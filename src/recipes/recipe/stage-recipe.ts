import { objectiveOf } from './objective-of.ts'
import type { Registry } from './registry.ts'
import type { Recipe } from './schema.ts'
import type { Stage } from './stage.ts'

/** The heads that a stage trains: its own, and with `rehearse` the heads of the stages before. */
export function headsOfStage(stages: readonly Stage[], index: number): string[] {
  const { heads, rehearse } = stages[index]!
  const before = rehearse ? stages.slice(0, index).flatMap((stage) => stage.heads) : []
  return [...new Set([...before, ...heads])]
}

/**
 * The recipe of one stage: the whole recipe with the stage's heads, data and budget; it ends as soon as the threshold
 * is reached.
 * @param model Model of the whole run, with its vocabulary and units.
 * @param base Run whose weights the stage begins with; undefined: the weights that the recipe begins with.
 */
export function stageRecipe(
  recipe: Recipe,
  model: Recipe['model'],
  index: number,
  base: string | undefined,
  registry: Registry,
): Recipe {
  const { stages = [], generate: _, ...rest } = recipe
  const stage = stages[index]!
  const row = objectiveOf(recipe, registry)
  const parameters = isTuned(recipe, base) ? (row.rates?.(recipe) ?? []) : recipe.parameters
  const heads = { own: stage.heads, trained: headsOfStage(stages, index) }
  const { objective, monitor, ...own } = row.stage!({ ...recipe, model, parameters }, heads)
  const data = stage.validation.data ?? recipe.validation.data
  return {
    ...rest,
    name: stage.name,
    model,
    tests: {},
    ...(base !== undefined && { base, baseDigest: base === recipe.base ? recipe.baseDigest : undefined }),
    objective,
    parameters: [...own.parameters],
    data: stage.data ?? recipe.data,
    epochs: stage.epochs,
    batches: { ...recipe.batches, size: stage.batches.size },
    validation: {
      ...recipe.validation,
      ...(data && { data }),
      monitor: stage.validation.monitor ?? monitor,
      ...(stage.validation.direction && { direction: stage.validation.direction }),
      stopAt: stage.threshold,
      everyEpochs: Math.min(recipe.validation.everyEpochs, stage.epochs),
    },
    checkpoints: {
      ...recipe.checkpoints,
      everyEpochs: Math.min(recipe.checkpoints.everyEpochs, stage.epochs),
    },
  }
}

/** Tell a stage that learns at fine-tuning rates: it has a base, and the recipe has no `parameters`. */
export const isTuned = ({ parameters }: Recipe, base: string | undefined): boolean =>
  base !== undefined && parameters.length === 0
