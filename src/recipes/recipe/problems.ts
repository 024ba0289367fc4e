import { didYouMean } from '../../core/index.ts'
import type { Problem } from '../objectives/objective.ts'
import { distillationProblems } from './distillation-problems.ts'
import { loraProblems } from './lora.ts'
import { objectiveOf } from './objective-of.ts'
import type { Registry } from './registry.ts'
import type { Recipe } from './schema.ts'
import { stageRecipe } from './stage-recipe.ts'
import { supernetProblems } from './supernet.ts'

/**
 * Mistakes that several keys make together: an objective that the model cannot learn, stages that cannot pass, metrics
 * that no validation measures.
 */
export function* recipeProblems(recipe: Recipe, registry: Registry): Generator<Problem> {
  const { model, stages = [] } = recipe
  const objective = objectiveOf(recipe, registry)
  yield* repeatedNames(stages)
  yield* loraProblems(recipe)
  yield* microSizeProblems(recipe)
  yield* supernetProblems(recipe, registry)
  if (recipe.base !== undefined && recipe.towers)
    yield ['the base brings its own towers and tokenizer: leave out base or towers', 'towers']
  const refusal = objective.refusal(model)
  if (stages.length > 0 && !objective.stage)
    yield ['stages are those of a policy, whose objective is imitation()', 'stages']
  if (refusal !== undefined) yield [refusal, 'objective']
  if (recipe.wiseFt && recipe.base === undefined)
    yield ['WiSE-FT interpolates with the weights that training began with: name a base', 'wiseFt']
  if (recipe.wiseFt && stages.length > 0)
    yield ['stages fine-tune one after the other, from no one base: leave wiseFt or stages out', 'wiseFt']
  if (recipe.keepZeros && recipe.base === undefined)
    yield ['the zeros that are kept are those of a base: name one', 'keepZeros']
  if (recipe.keepZeros && recipe.lora)
    yield [
      'adapters add to every number of their matrices, zeros too: leave keepZeros or lora out',
      'keepZeros',
    ]
  if (refusal !== undefined || (stages.length > 0 && !objective.stage)) return
  const own = [...(objective.problems?.(recipe) ?? []), ...distillationProblems(recipe, registry)]
  yield* own
  if (own.length > 0) return
  yield* stages.length > 0 ? stageProblems(recipe, registry) : unknownMetrics(recipe, registry)
}

function* microSizeProblems({ batches, machine }: Recipe): Generator<Problem> {
  const { adapt, microSize, adaptBetween } = batches
  const [fewest, most] = adaptBetween
  const between = `batches.adaptBetween ${fewest} to ${most}`
  if (fewest > most) yield [`the first of ${between} must not be the larger`, 'batches', 'adaptBetween']
  if (machine.memoryBudget === undefined) {
    if (adapt === 'size') yield ['nothing is adapted without a machine.memoryBudget', 'batches', 'adapt']
    return
  }
  if (microSize === undefined) return
  if (adapt === 'size')
    yield ['the batch itself follows machine.memoryBudget: leave it out', 'batches', 'microSize']
  else if (microSize < fewest || microSize > most)
    yield [
      `${microSize} is outside of ${between}, in which machine.memoryBudget chooses`,
      'batches',
      'microSize',
    ]
}

function* repeatedNames(stages: NonNullable<Recipe['stages']>): Generator<Problem> {
  for (const [number, { name }] of stages.entries()) {
    if (stages.findIndex((stage) => stage.name === name) < number)
      yield [`there is a stage '${name}' already`, 'stages', number, 'name']
  }
}

function* stageProblems(recipe: Recipe, registry: Registry): Generator<Problem> {
  for (const [number, { name }] of recipe.stages!.entries()) {
    const stage = stageRecipe(recipe, recipe.model, number, undefined, registry)
    yield* unknownMetrics(stage, registry, ['stages', number])
    if (stage.validation.data) continue
    const message = `nothing measures whether stage '${name}' reaches its threshold: name validation data here or in the recipe`
    yield [message, 'stages', number, 'validation', 'data']
  }
}

/** Monitored metrics that the validation of the objective lacks. */
function* unknownMetrics(
  recipe: Recipe,
  registry: Registry,
  at: readonly (string | number)[] = [],
): Generator<Problem> {
  const { validation, batches } = recipe
  const metrics = objectiveOf(recipe, registry).metrics(recipe)
  if (validation.monitor !== undefined)
    yield* unknownMetric(validation.monitor, '', Object.keys(metrics), [...at, 'validation', 'monitor'])
  if (!batches.sampler) return
  const scores = Object.keys(metrics).filter((name) => metrics[name] === 'max')
  const { metric } = batches.sampler
  yield* unknownMetric(metric, ' of which more is better', scores, ['batches', 'sampler', 'metric'])
}

function* unknownMetric(
  name: string,
  wanted: string,
  known: readonly string[],
  path: readonly (string | number)[],
): Generator<Problem> {
  if (known.includes(name)) return
  yield [`the validation has no metric '${name}'${wanted}${didYouMean(name, known)}`, ...path]
}
