import { join } from 'node:path'
import { writeDirectoryAtomic } from '../core/index.ts'
import { Tokenizer } from '../data/index.ts'
import { type Bundle, imageProcessingOf, readModelConfig, writeModelFiles } from '../deploy/index.ts'
import { requireWorkingDevice } from '../engine/index.ts'
import { buildModel, type ModelConfig } from '../models/index.ts'
import { latestCheckpoint, type PreparedTraining } from '../training/index.ts'
import { openBase, takeWeights, withTowersOf } from './base.ts'
import { imageSettings, type TextSettings, trainingOptions } from './batches.ts'
import { describeModel, trainTokenizer } from './describe-model.ts'
import type { Experiment, ExperimentInput } from './experiment.ts'
import { type GenerationProgress, generateData } from './generate-data.ts'
import { type Learner, learnerOf } from './learners/index.ts'
import { loadAhead, type OpenLoader } from './load-ahead.ts'
import { stepsOf } from './pace.ts'
import { parseExperiment } from './parse-experiment.ts'
import { prepareState } from './prepare-state.ts'
import { requireMonitoredLabels } from './require-labels.ts'
import { requireRules } from './require-rules.ts'
import { resolveDefaults } from './resolve-defaults.ts'
import { openData, type RunData } from './run-data.ts'
import { makeRoom, readRecipe, requireRoom, writeRecipe } from './run-directory.ts'
import { requireLabelsOfStages } from './stages/require-labels-of-stages.ts'

/** A run that is ready to be trained: its directory holds the recipe and the description of the model. */
export interface PreparedRun extends PreparedTraining {
  readonly directory: string
  readonly config: Experiment
  readonly data: RunData
  readonly text: TextSettings
  /** The training batches; the first ones are being loaded, if the run has yet to begin. */
  readonly openLoader: OpenLoader
  readonly learner: Learner
  /** Where an earlier run of the same directory was moved. */
  readonly earlierRun?: string
}

/**
 * Begin a run: check the recipe and the device, open the data, learn the vocabulary from the captions, build the model.
 * Only then is an earlier run moved and the directory made, and it appears whole or not at all.
 * @param directory Default `runs/<name>`. An earlier run there is moved aside.
 * @param progress Of the data that the recipe makes for itself.
 * @throws ConfigError for a recipe that is not valid or a directory that holds something else; EngineError for a device
 * that does not work; DataError for data that cannot be read; CheckpointError for a base that cannot.
 */
export async function prepareRun(
  input: ExperimentInput,
  directory?: string,
  progress: GenerationProgress = {},
): Promise<PreparedRun> {
  const recipe = parseExperiment(input)
  const run = directory ?? join('runs', recipe.name)
  requireRoom(run)
  await requireWorkingDevice(recipe.device, recipe.precision)
  const base = openBase(recipe)
  const config = resolveDefaults(base ? withTowersOf(recipe, base) : recipe)
  requireRules(config)
  if (config.generate) await generateData(config.generate, progress)
  const data = openData(config)
  if (data.validation) requireMonitoredLabels(config, data.validation)
  requireLabelsOfStages(config)
  const tokenizer = base?.tokenizer ?? (await trainTokenizer(data.training, config))
  const model = await describeModel(config, tokenizer, data.training)
  return beginRun(run, config, data, model, tokenizer, base)
}

/**
 * Begin a run that is a part of another one, with its vocabulary, and a model whose units are known.
 * @throws as {@link prepareRun}.
 */
export async function prepareStage(
  recipe: Experiment,
  directory: string,
  tokenizer: Tokenizer,
): Promise<PreparedRun> {
  const config = resolveDefaults(parseExperiment(recipe))
  const data = openData(config)
  const model = await describeModel(config, tokenizer, data.training)
  return beginRun(directory, config, data, model, tokenizer, openBase(config))
}

/** Make the directory, and room for it, once there is everything to put into it. */
async function beginRun(
  directory: string,
  config: Experiment,
  data: RunData,
  modelConfig: ModelConfig,
  tokenizer: Tokenizer,
  base: Bundle | undefined,
): Promise<PreparedRun> {
  const prepared = await prepareLearner(config, data, modelConfig, tokenizer, { base })
  const earlierRun = makeRoom(directory)
  await writeDirectoryAtomic(directory, (temporary) => {
    const image = imageProcessingOf(imageSettings(config))
    writeRecipe(temporary, config)
    writeModelFiles(temporary, { model: prepared.learner.model, tokenizer, image })
  })
  return { directory, config, data, ...prepared, ...(earlierRun !== undefined && { earlierRun }) }
}

/**
 * A run that was begun before, by the recipe in its directory.
 * @throws ConfigError `run/not-a-run`; CheckpointError for a base that cannot be read, while there is no checkpoint.
 */
export async function reopenRun(directory: string): Promise<PreparedRun> {
  const config = readRecipe(directory)
  await requireWorkingDevice(config.device, config.precision)
  if (config.generate) await generateData(config.generate)
  const data = openData(config)
  const begun = latestCheckpoint(directory) !== undefined
  const base = begun ? undefined : openBase(config)
  const model = readModelConfig(directory)
  const learner = await prepareLearner(config, data, model, Tokenizer.fromFolder(directory), { base, begun })
  return { directory, config, data, ...learner }
}

/** The model with everything that training changes, as it is before the first step. */
async function prepareLearner(
  config: Experiment,
  data: RunData,
  modelConfig: ModelConfig,
  tokenizer: Tokenizer,
  { base, begun = false }: { readonly base: Bundle | undefined; readonly begun?: boolean },
) {
  const model = buildModel(modelConfig, config)
  const learner = learnerOf(model, config, stepsOf(config.epochs, config, data))
  const text = { tokenizer, length: model.inputs.text.length }
  const begins = !begun && config.stages === undefined
  const openLoader = loadAhead(trainingOptions(config, data.training, text), { begins })
  try {
    const prepared = await prepareState(config, learner.task)
    if (base) await takeWeights(prepared.state, base)
    return { text, openLoader, learner, ...prepared }
  } catch (error) {
    openLoader.close()
    throw error
  }
}
