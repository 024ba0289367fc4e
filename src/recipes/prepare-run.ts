import { join } from 'node:path'
import { writeDirectoryAtomic } from '../core/index.ts'
import { Tokenizer } from '../data/index.ts'
import { imageProcessingOf, writeModelFiles } from '../deploy/index.ts'
import { ContrastiveTask, type ModelState, type ParameterUpdate } from '../training/index.ts'
import { imageSettings, type TextSettings } from './batches.ts'
import { buildModel, trainTokenizer } from './build-model.ts'
import type { Experiment, ExperimentInput } from './experiment.ts'
import { parseExperiment } from './parse-experiment.ts'
import { prepareState } from './prepare-state.ts'
import { openData, type RunData } from './run-data.ts'
import { makeRoom, readRecipe, requireRoom, writeRecipe } from './run-directory.ts'

/** A run that is ready to be trained: its directory holds the recipe and the description of the model. */
export interface PreparedRun {
  readonly directory: string
  readonly config: Experiment
  readonly data: RunData
  readonly text: TextSettings
  readonly task: ContrastiveTask
  readonly state: ModelState
  readonly update: ParameterUpdate
  /** Where an earlier run of the same directory was moved. */
  readonly earlierRun?: string
}

/**
 * Begin a run: check the recipe, open the data, learn the vocabulary from the captions, build the model. Only
 * then is the directory made, and it appears whole or not at all.
 * @param directory Default `runs/<name>`. An earlier run there is moved aside.
 * @throws ConfigError for a recipe that is not valid or a directory that holds something else; DataError for
 * data that cannot be read.
 */
export async function prepareRun(input: ExperimentInput, directory?: string): Promise<PreparedRun> {
  const config = parseExperiment(input)
  const run = directory ?? join('runs', config.name)
  requireRoom(run)
  const data = openData(config)
  const tokenizer = await trainTokenizer(data.training, config)
  const learner = await prepareLearner(config, tokenizer)
  const earlierRun = makeRoom(run)
  await writeDirectoryAtomic(run, (temporary) => {
    const image = imageProcessingOf(imageSettings(config))
    writeRecipe(temporary, config)
    writeModelFiles(temporary, { model: learner.task.model, tokenizer, image })
  })
  return { directory: run, config, data, ...learner, ...(earlierRun !== undefined && { earlierRun }) }
}

/**
 * A run that was begun before, by the recipe in its directory.
 * @throws ConfigError `run/not-a-run`.
 */
export async function reopenRun(directory: string): Promise<PreparedRun> {
  const config = readRecipe(directory)
  const learner = await prepareLearner(config, Tokenizer.fromFolder(directory))
  return { directory, config, data: openData(config), ...learner }
}

/** The model with everything that training changes, as it is before the first step. */
async function prepareLearner(config: Experiment, tokenizer: Tokenizer) {
  const model = buildModel(config, tokenizer)
  const task = new ContrastiveTask(model)
  const text = { tokenizer, length: model.config.text_config.max_position_embeddings }
  return { text, task, ...(await prepareState(config, task)) }
}
