import { defaultWorkers, startThreads, type Tokenizer } from '../../data/index.ts'
import { requireWorkingDevice } from '../../engine/index.ts'
import { buildModel, type Family, familyOf, type ModelConfig, withTowersOf } from '../../models/index.ts'
import { parameterGroups } from '../../optim/index.ts'
import { taughtTask } from '../distillation/taught-task.ts'
import { openTeachers, type Teacher } from '../distillation/teacher.ts'
import type { Objective } from '../objectives/objective.ts'
import { adaptersOf } from '../recipe/lora.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import { optimizerOf } from '../recipe/optimization.ts'
import { rulesOf } from '../recipe/parameter-rules.ts'
import { parseRecipe } from '../recipe/parse.ts'
import { builtIn, type Registry } from '../recipe/registry.ts'
import type { Recipe, RecipeInput } from '../recipe/schema.ts'
import { stageRecipe } from '../recipe/stage-recipe.ts'
import { type Base, openBase } from './base.ts'
import { openData, type RunData } from './data.ts'
import { type GenerationProgress, generateData } from './generate.ts'
import { members, requireSameRecipe } from './members.ts'
import { surveyOptions, tokenizerOfBase, trainTokenizer } from './vocabulary.ts'

/** A resolved recipe: with all that follows from it, the start of a run. */
export interface ResolvedRecipe {
  readonly recipe: Recipe
  readonly registry: Registry
  readonly family: Family
  readonly objective: Objective
  /** The base of the recipe, if it names one. */
  readonly base: Base | undefined
  /** The teachers of the recipe. */
  readonly teachers: readonly Teacher[]
  readonly data: RunData
  readonly tokenizer: Tokenizer
  /** The recipe's model for this tokenizer and this data. */
  readonly model: ModelConfig
}

/**
 * Resolve a recipe: check it, try the device, open base and data, learn the vocabulary from the captions. Nothing is
 * written but the data that the recipe generates.
 * @throws ConfigError for a recipe that is not valid; EngineError for a device that does not work; DataError for data
 * that cannot be read; CheckpointError for a base that cannot.
 */
export async function resolveRecipe(
  input: RecipeInput,
  registry: Registry = builtIn,
  progress: GenerationProgress = {},
): Promise<ResolvedRecipe> {
  const asked = parseRecipe(input, registry)
  startThreads(asked.machine.workers ?? defaultWorkers())
  await requireWorkingDevice(asked.machine.device, asked.machine.precision)
  const base = openBase(asked, registry)
  const teachers = await openTeachers(asked, registry)
  const sized = base?.model ? { ...asked, model: base.model } : asked
  const recipe = withDefaults(sized, registry, { base, teachers })
  requireRules(recipe, registry, teachers)
  await requireSameRecipe(recipe, members())
  if (recipe.generate) await generateData(recipe.generate, progress)
  const data = openRequiredData(recipe, registry)
  requireDataOfStages(recipe, registry)
  await objectiveOf(recipe, registry).requireTeachingSamples?.(recipe, data.training)
  const tokenizer = base
    ? await tokenizerOfBase(base.bundle, data.training, recipe)
    : await trainTokenizer(data.training, recipe, registry)
  return complete(recipe, registry, { base, teachers, data, tokenizer })
}

/** Resolve the recipe of a stage, which has the vocabulary of the whole run and a model whose units are known. */
export async function resolveStage(
  stage: Recipe,
  registry: Registry,
  tokenizer: Tokenizer,
): Promise<ResolvedRecipe> {
  const asked = parseRecipe(stage, registry)
  const base = openBase(asked, registry)
  const recipe = withDefaults(asked, registry, { base, teachers: [] })
  const data = openRequiredData(recipe, registry)
  return complete(recipe, registry, { base, teachers: [], data, tokenizer })
}

/** Fill in the defaults that follow from other keys, so that a run stores its full recipe. */
function withDefaults(
  recipe: Recipe,
  registry: Registry,
  { base, teachers }: Pick<ResolvedRecipe, 'base' | 'teachers'>,
): Recipe {
  const objective = objectiveOf(recipe, registry)
  const isTuned = recipe.base !== undefined && recipe.parameters.length === 0 && !recipe.lora
  const { validation } = recipe
  const monitor = validation.monitor ?? objective.monitor(recipe)
  const { distillation } = recipe
  const terms = distillation?.terms ?? objective.distillation?.usual
  const direction = validation.direction ?? objective.metrics(recipe)[monitor] ?? 'max'
  return {
    ...recipe,
    ...(base && { baseDigest: base.digest }),
    parameters: isTuned ? [...(objective.rates?.(recipe) ?? [])] : recipe.parameters,
    validation: { ...validation, monitor, direction },
    ...(distillation && {
      distillation: {
        ...distillation,
        ...(terms && { terms: [...terms] }),
        digests: teachers.map(({ digest }) => digest),
        ...(distillation.store && {
          store: { variants: Math.ceil(recipe.epochs), seed: recipe.seed, ...distillation.store },
        }),
      },
    }),
  }
}

/** Open the data of a recipe. @throws ConfigError for data that cannot teach or measure its objective. */
function openRequiredData(recipe: Recipe, registry: Registry): RunData {
  const data = openData(recipe, registry)
  const objective = objectiveOf(recipe, registry)
  objective.requireTrainingData?.(recipe, data.training)
  if (data.validation) objective.requireValidationData?.(recipe, data.validation)
  return data
}

/** Refuse, before the first stage is trained, a later stage whose data does not suffice. */
function requireDataOfStages(recipe: Recipe, registry: Registry): void {
  for (const index of (recipe.stages ?? []).keys())
    openRequiredData(stageRecipe(recipe, recipe.model, index, recipe.base, registry), registry)
}

/**
 * Refuse rules of `parameters` that match no parameter, in every stage. The vocabulary does not change the names of
 * parameters, so this is done before any data is generated.
 * @throws ConfigError of `parameterGroups`.
 */
function requireRules(recipe: Recipe, registry: Registry, teachers: readonly Teacher[]): void {
  const stages = (recipe.stages ?? []).map((_, i) =>
    stageRecipe(recipe, recipe.model, i, recipe.base, registry),
  )
  for (const each of [recipe, ...stages]) {
    const { recompute } = each.machine
    const options = { recompute, adapters: adaptersOf(each), families: registry.families }
    const model = buildModel(each.model, options)
    const task = taughtTask(model, each, { teachers, totalSteps: 1, registry })
    const named = [...task.parameters].map(([name, { shape }]) => ({ name, shape }))
    parameterGroups(named, rulesOf(each, task), optimizerOf(each.optimizer))
  }
}

async function complete(
  recipe: Recipe,
  registry: Registry,
  found: Pick<ResolvedRecipe, 'base' | 'teachers' | 'data' | 'tokenizer'>,
): Promise<ResolvedRecipe> {
  const family = familyOf(recipe.model.model_type, registry.families)
  const known = family.withVocabulary(recipe.model, found.tokenizer)
  // A base may have room for more tokens than its tokenizer has.
  const taken = found.base ? withTowersOf(known, found.base.bundle.model.config, registry.families) : known
  const model = family.complete
    ? await family.complete(taken, found.data.training, surveyOptions(recipe))
    : taken
  return { recipe, registry, family, objective: objectiveOf(recipe, registry), model, ...found }
}
