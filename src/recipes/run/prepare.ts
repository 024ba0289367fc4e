import { join } from 'node:path'
import { latestCheckpoint, writeDirectoryAtomic } from '../../core/index.ts'
import { Tokenizer } from '../../data/index.ts'
import { imageProcessingOf, readModelConfig, writeModelFiles } from '../../deploy/index.ts'
import { Engine, requireWorkingDevice } from '../../engine/index.ts'
import { buildModel, familyOf } from '../../models/index.ts'
import { ema } from '../../optim/index.ts'
import { type OutputsOf, type PreparedTraining, prepareTraining, type Task } from '../../training/index.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import { optimizerOf } from '../recipe/optimization.ts'
import { builtIn, type Registry } from '../recipe/registry.ts'
import type { RecipeInput } from '../recipe/schema.ts'
import { openBase } from './base.ts'
import { imageSettings, type TextSettings, trainingOptions } from './batches.ts'
import { openData } from './data.ts'
import { makeRoom, readRecipe, requireRoom, writeRecipe } from './directory.ts'
import { extensionOf, storeExtension } from './extend.ts'
import { type GenerationProgress, generateData } from './generate.ts'
import { loadAhead, type OpenLoader } from './load-ahead.ts'
import { stepsOf } from './pace.ts'
import { rehearse } from './rehearse.ts'
import { type ResolvedRecipe, resolveRecipe } from './resolve.ts'
import { weightsOfBase } from './weights-of-base.ts'

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
  /** True for a run that was begun now and not reopened. */
  readonly isNew: boolean
  /** Functions that add arrays of other models to the training batches: see `withOutputs`. */
  readonly outputs: readonly OutputsOf[]
  /** Sentences for people about the begin of the run: the weights taken from its base, and an extension. */
  readonly notes: readonly string[]
  /** Write what a longer run changes in its directory; called when its first batch has come and its data is accepted. */
  readonly extend?: () => void
  /** New path of an earlier run of the same directory. */
  readonly earlierRun?: string
}

/**
 * Begin a run: resolve the recipe, rehearse the run, then move an earlier run and make the directory, which appears whole
 * or not at all.
 * @param directory Default `runs/<name>`. An earlier run there is moved aside.
 * @param progress Receiver of the progress of data that the recipe generates.
 * @throws Errors of {@link resolveRecipe} and {@link rehearse}, and ConfigError for a directory that holds no run.
 */
export async function prepareRun(
  input: RecipeInput,
  directory = join('runs', String(input.name)),
  registry: Registry = builtIn,
  progress: GenerationProgress = {},
): Promise<PreparedRun> {
  requireRoom(directory)
  return beginRun(await resolveRecipe(input, registry, progress), directory)
}

/** Make the directory of a resolved recipe, and room for it. */
export async function beginRun(resolved: ResolvedRecipe, directory: string): Promise<PreparedRun> {
  const { recipe, registry, tokenizer } = resolved
  const prepared = await prepare(resolved, directory, { begins: true })
  try {
    await rehearse(prepared)
    const earlierRun = makeRoom(directory)
    await writeDirectoryAtomic(directory, (temporary) => {
      const image = imageProcessingOf(imageSettings(recipe, registry))
      writeRecipe(temporary, recipe)
      const model = buildModel(resolved.model, registry)
      writeModelFiles(temporary, { model, tokenizer, image }, registry)
    })
    return { ...prepared, isNew: true, ...(earlierRun !== undefined && { earlierRun }) }
  } catch (error) {
    prepared.openLoader.close()
    throw error
  }
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
  if (recipe.generate) await generateData(recipe.generate)
  const begins = latestCheckpoint(directory) === undefined
  const resolved: ResolvedRecipe = {
    recipe,
    registry,
    family: familyOf(recipe.model.model_type, registry.families),
    objective: objectiveOf(recipe, registry),
    base: begins ? openBase(recipe, registry) : undefined,
    data: openData(recipe, registry),
    tokenizer: Tokenizer.fromFolder(directory),
    model: readModelConfig(directory, registry),
  }
  if (epochs === undefined) return prepare(resolved, directory, { begins })
  const extension = extensionOf(directory, recipe, resolved.data, epochs)
  const run = await prepare({ ...resolved, recipe: extension.recipe }, directory, { begins })
  return {
    ...run,
    notes: [...run.notes, ...extension.notes],
    extend: () => storeExtension(directory, extension.recipe),
  }
}

/**
 * The task of a run with its parameters, and its first batches, whose loading has begun. A run in stages trains nothing
 * itself.
 */
async function prepare(
  resolved: ResolvedRecipe,
  directory: string,
  { begins }: { readonly begins: boolean },
): Promise<PreparedRun> {
  const { recipe, registry, family, objective, data, tokenizer } = resolved
  const { device, threads, recompute } = recipe.machine
  const totalSteps = stepsOf(recipe.epochs, recipe, data)
  const text = { tokenizer, length: family.inputs(resolved.model).text.length }
  const model = buildModel(resolved.model, { recompute, families: registry.families })
  const task = objective.task(model, recipe, { totalSteps })
  const taken = resolved.base && !recipe.stages ? weightsOfBase(resolved.base, task) : undefined
  const notes = taken?.notes ?? []
  const run = { ...resolved, directory, task, text, totalSteps, outputs: [], notes, isNew: false }
  const openLoader = loadAhead(trainingOptions(recipe, data.training, text, registry), {
    begins: begins && recipe.stages === undefined,
  })
  if (recipe.stages) return { ...run, openLoader }
  try {
    const training = await prepareTraining({
      task,
      engine: new Engine({ device, ...(threads && { threads }) }),
      optimizer: optimizerOf(recipe.optimizer),
      rules: recipe.parameters,
      ...(recipe.clipNorm !== null && { clipNorm: recipe.clipNorm }),
      ...(recipe.averageDecay !== undefined && { average: ema({ decay: recipe.averageDecay }) }),
      seed: recipe.seed,
      ...(taken && { values: taken.values }),
    })
    // A resumed run takes its weights from the checkpoint, but its frozen models from the base as before.
    const base = () => (resolved.base ?? openBase(recipe, registry))?.bundle
    const outputs = (await objective.outputs?.(model, recipe, { engine: training.state.engine, base })) ?? []
    return { ...run, openLoader, training, outputs }
  } catch (error) {
    openLoader.close()
    throw error
  }
}
