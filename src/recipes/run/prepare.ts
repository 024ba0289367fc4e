import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { latestCheckpoint, writeDirectoryAtomic } from '../../core/index.ts'
import { Tokenizer } from '../../data/index.ts'
import {
  imageProcessingOf,
  readModelConfig,
  writeAdapterConfig,
  writeModelFiles,
} from '../../deploy/index.ts'
import { Engine, requireWorkingDevice } from '../../engine/index.ts'
import { buildModel, familyOf, isAdapter } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { ema } from '../../optim/index.ts'
import {
  lead,
  type OutputsOf,
  type PreparedTraining,
  prepareTraining,
  type Task,
} from '../../training/index.ts'
import { inheritWeights } from '../distillation/inherit-weights.ts'
import type { StoreProgress } from '../distillation/store.ts'
import { openTeachers } from '../distillation/teacher.ts'
import { taughtBatches } from '../distillation/teacher-outputs.ts'
import { adaptersOf } from '../recipe/lora.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import { optimizerOf } from '../recipe/optimization.ts'
import { rulesOf } from '../recipe/parameter-rules.ts'
import { builtIn, type Registry } from '../recipe/registry.ts'
import type { RecipeInput } from '../recipe/schema.ts'
import { openBase } from './base.ts'
import { imageSettings, type TextSettings, trainingOptions } from './batches.ts'
import { openData } from './data.ts'
import { makeRoom, readRecipe, requireRoom, writeRecipe } from './directory.ts'
import { type Extension, extensionOf } from './extend.ts'
import { frozenOutputs } from './frozen-outputs.ts'
import { type GenerationProgress, generateData } from './generate.ts'
import { loadAhead, type OpenLoader } from './load-ahead.ts'
import { members, requireSameRecipe, requireShareable } from './members.ts'
import { stepsOf } from './pace.ts'
import { rehearse } from './rehearse.ts'
import { type ResolvedRecipe, resolveRecipe } from './resolve.ts'
import { taskOfRun } from './task-of-run.ts'
import { type BaseWeights, weightsOfBase } from './weights-of-base.ts'
import { requireWholeBase } from './wise-ft.ts'
import { zerosToKeep } from './zeros-to-keep.ts'

/** A run that is ready for training: its directory holds the recipe and the description of the model. */
export interface PreparedRun extends ResolvedRecipe {
  readonly directory: string
  readonly task: Task
  readonly text: TextSettings
  readonly totalSteps: number
  /** Parameters with all state that training changes; undefined for a run in stages. */
  readonly training?: PreparedTraining
  /** Function that opens the training batches; loading of the first ones has begun, if the run is at its beginning. */
  readonly openLoader: OpenLoader
  /** True for a run that was begun now and not reopened, where this process made its directory. */
  readonly isNew: boolean
  /** Functions that add arrays of other models to the training batches: see `withOutputs`. */
  readonly outputs: readonly OutputsOf[]
  /** Sentences for people about the begin of the run: the weights taken from its base. */
  readonly notes: readonly string[]
  /** The longer run that this is to become, once its first batch has come and so its data is accepted. */
  readonly extension?: Extension
  /** New path of an earlier run of the same directory. */
  readonly earlierRun?: string
}

/**
 * Begin a run: resolve the recipe, rehearse the run, then move an earlier run and make the directory, which appears whole
 * or not at all.
 * @param directory Default `runs/<name>`. An earlier run there is moved aside.
 * @param progress Receiver of the progress of data that the recipe generates, and of outputs that it stores.
 * @throws Errors of {@link resolveRecipe} and {@link rehearse}, and ConfigError for a directory that holds no run.
 */
export async function prepareRun(
  input: RecipeInput,
  directory = join('runs', String(input.name)),
  registry: Registry = builtIn,
  progress: GenerationProgress & StoreProgress = {},
): Promise<PreparedRun> {
  requireRoom(directory)
  return beginRun(await resolveRecipe(input, registry, progress), directory, progress)
}

/** Make the directory of a resolved recipe, and room for it. */
export async function beginRun(
  resolved: ResolvedRecipe,
  directory: string,
  progress?: StoreProgress,
): Promise<PreparedRun> {
  const prepared = await prepare(resolved, directory, { begins: true }, progress)
  try {
    await rehearse(prepared)
    const earlierRun = await lead(members(), () => makeDirectory(resolved, directory))
    const isNew = members().rank === 0
    return { ...prepared, isNew, ...(earlierRun !== undefined && { earlierRun }) }
  } catch (error) {
    prepared.openLoader.close()
    throw error
  }
}

/** Make the directory of a run, which appears whole or not at all. @returns New path of an earlier run. */
async function makeDirectory(resolved: ResolvedRecipe, directory: string): Promise<string | undefined> {
  const { recipe, registry, tokenizer } = resolved
  const earlierRun = makeRoom(directory)
  await writeDirectoryAtomic(directory, (temporary) => {
    const image = imageProcessingOf(imageSettings(recipe, registry))
    writeRecipe(temporary, recipe)
    const model = buildModel(resolved.model, registry)
    const { dtype } = resolved.base?.bundle ?? {}
    writeModelFiles(temporary, { model, tokenizer, image }, { ...registry, dtype })
    const adapters = adaptersOf(recipe)
    if (adapters) writeAdapterConfig(temporary, adapters, recipe.base)
  })
  return earlierRun
}

/** Options of a run that goes on. */
export interface ReopenOptions {
  /** Passes over the data in all, more than the run has done. Default: those of its recipe. */
  readonly epochs?: number
}

/**
 * Reopen an existing run by the recipe in its directory.
 * @throws ConfigError `run/not-a-run`, `run/epochs`; CheckpointError for a base that cannot be read, while there is no
 * checkpoint.
 */
export async function reopenRun(
  directory: string,
  registry: Registry = builtIn,
  { epochs }: ReopenOptions = {},
): Promise<PreparedRun> {
  const recipe = readRecipe(directory, registry)
  await requireWorkingDevice(recipe.machine.device, recipe.machine.precision)
  await requireSameRecipe(recipe, members())
  if (recipe.generate) await generateData(recipe.generate)
  const begins = latestCheckpoint(directory) === undefined
  const resolved: ResolvedRecipe = {
    recipe,
    registry,
    family: familyOf(recipe.model.model_type, registry.families),
    objective: objectiveOf(recipe, registry),
    base: begins ? openBase(recipe, registry) : undefined,
    teachers: await openTeachers(recipe, registry),
    data: openData(recipe, registry),
    tokenizer: Tokenizer.fromFolder(directory),
    model: readModelConfig(directory, registry),
  }
  if (epochs === undefined) return prepare(resolved, directory, { begins })
  const extension = extensionOf(directory, recipe, resolved.data, epochs)
  return { ...(await prepare({ ...resolved, recipe: extension.recipe }, directory, { begins })), extension }
}

/** The weights that training begins with, where they are not drawn: those of the base, or cut from the teacher's. */
function weightsToBegin(
  { base, recipe, teachers, model, tokenizer, registry }: ResolvedRecipe,
  task: Task,
): Pick<BaseWeights, 'values' | 'notes'> | undefined {
  if (base) return weightsOfBase(base, task, recipe)
  const [teacher] = teachers
  if (!recipe.distillation?.inherit || !teacher) return undefined
  const words = [tokenizer, teacher.description.tokenizer].map(({ json }) => JSON.stringify(json))
  const heir = { config: model, parameters: task.parameters, sameWords: words[0] === words[1] }
  return inheritWeights(heir, teacher, registry)
}

/**
 * The task of a run with its parameters, and its first batches, whose loading has begun. A run in stages trains nothing
 * itself.
 */
async function prepare(
  resolved: ResolvedRecipe,
  directory: string,
  { begins }: { readonly begins: boolean },
  progress?: StoreProgress,
): Promise<PreparedRun> {
  const { recipe, registry, family, data, tokenizer } = resolved
  const { device, threads, recompute } = recipe.machine
  requireShareable(recipe, members())
  const totalSteps = stepsOf(recipe.epochs, recipe, data)
  const text = { tokenizer, length: family.inputs(resolved.model).text.length }
  const adapters = adaptersOf(recipe)
  const model = buildModel(resolved.model, { recompute, adapters, families: registry.families })
  const task = taskOfRun(model, resolved, totalSteps)
  const taught = taughtBatches(resolved, text, trainingOptions(recipe, data.training, text, registry))
  const taken = begins && !recipe.stages ? weightsToBegin(resolved, task) : undefined
  if (recipe.wiseFt && resolved.base)
    requireWholeBase(
      resolved.base.bundle.weights,
      [...namedParameters(model).keys()].filter((name) => !isAdapter(name)),
    )
  const notes = [...(taken?.notes ?? []), ...taught.notes]
  const openLoader = loadAhead(taught.options, { begins: begins && recipe.stages === undefined })
  const run = { ...resolved, directory, task, text, totalSteps, outputs: [], notes, isNew: false }
  if (recipe.stages) return { ...run, openLoader }
  await setImmediate() // the first samples go to the loader's threads before this one draws the weights
  try {
    const training = await prepareTraining({
      task,
      engine: new Engine({ device, ...(threads && { threads }) }),
      optimizer: optimizerOf(recipe.optimizer),
      rules: rulesOf(recipe, task),
      ...(recipe.clipNorm !== null && { clipNorm: recipe.clipNorm }),
      ...(recipe.averageDecay !== undefined && { average: ema({ decay: recipe.averageDecay }) }),
      seed: recipe.seed,
      ...(taken && { values: taken.values }),
      ...(recipe.keepZeros && { keepZeros: begins ? zerosToKeep(recipe, taken?.values) : [] }),
    })
    const frozen = await frozenOutputs(resolved, model, training)
    const outputs = [...frozen.outputs, ...(await taught.outputs(progress))]
    return { ...run, outputs, notes: [...notes, ...frozen.notes], openLoader, training }
  } catch (error) {
    openLoader.close()
    throw error
  }
}
