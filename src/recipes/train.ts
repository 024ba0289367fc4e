import { join } from 'node:path'
import { ConfigError } from '../core/index.ts'
import {
  type Loader,
  type LoaderPosition,
  loader,
  openSource,
  type Source,
  Tokenizer,
  trainBpe,
} from '../data/index.ts'
import { imageProcessingOf, writeModelFiles } from '../deploy/index.ts'
import { type DeviceName, Engine } from '../engine/index.ts'
import { ClipModel, type DualEncoder, SiglipModel, withVocabulary } from '../models/index.ts'
import { ema, parameterGroups } from '../optim/index.ts'
import {
  type Callback,
  ContrastiveTask,
  createModelState,
  metricsLog,
  ParameterUpdate,
  type Task,
  Trainer,
  tensorBoard,
} from '../training/index.ts'
import { evaluationBatches, imageSettings, type TextSettings, trainingOptions } from './batches.ts'
import { concludeRun, type RunSummary } from './conclude-run.ts'
import { type Experiment, type ExperimentInput, parseExperiment } from './experiment.ts'
import { optimizerOf, scheduleOf } from './optimization.ts'
import { makeRoom, readRecipe, writeRecipe } from './run-directory.ts'

export interface TrainOptions {
  /** The run's directory. Default `runs/<name>`. An earlier run there is moved aside. */
  readonly out?: string
  /** Go on with the run in `out` from its newest checkpoint, by the recipe it was started with. */
  readonly resume?: boolean
  readonly device?: DeviceName
  /** When it fires, the run stops after the current step with a checkpoint. */
  readonly signal?: AbortSignal
  readonly callbacks?: readonly Callback[]
}

/** A finished or interrupted run. */
export interface Run {
  readonly directory: string
  /** Undefined when the run was interrupted. */
  readonly summary: RunSummary | undefined
}

/**
 * Train what the recipe describes and write the run's directory: recipe, metrics, checkpoints, summary, report.
 *
 * @throws ConfigError for a recipe that is not valid; DataError for samples that cannot be used; TrainingError
 * when the loss is not finite.
 */
export async function train(input: ExperimentInput, options: TrainOptions = {}): Promise<Run> {
  const { resume = false, signal, callbacks = [] } = options
  const given = parseExperiment(input)
  const directory = options.out ?? join('runs', given.name)
  const config = resume ? readRecipe(directory) : given
  const source = openSource(config.data)
  if (!resume) makeRoom(directory)

  const tokenizer = resume ? Tokenizer.fromFolder(directory) : await trainTokenizer(source, config)
  const model = buildModel(config, tokenizer)
  const text = { tokenizer, length: model.config.text_config.max_position_embeddings }
  if (!resume) {
    writeRecipe(directory, config)
    writeModelFiles(directory, { model, tokenizer, image: imageProcessingOf(imageSettings(config)) })
  }

  const task = new ContrastiveTask(model)
  const { state, update } = await prepareState(task, config, options.device)
  let stream: Loader | undefined
  const trainer = new Trainer({
    task,
    state,
    update,
    openStream: (position) => {
      const going = position === undefined ? {} : { position: position as LoaderPosition }
      stream = loader({ ...trainingOptions(config, source, text), ...going })
      return stream
    },
    learningRate: optimizerOf(config.optimizer).learningRate,
    schedule: scheduleOf(config.schedule),
    ...pace(config, source, text, directory),
    callbacks: [metricsLog(join(directory, 'metrics.jsonl')), tensorBoard(directory), ...callbacks],
    ...(signal && { signal }),
  })
  if (resume) await trainer.resume()
  const result = await trainer.run()
  if (result.interrupted) return { directory, summary: undefined }
  const badSamples = stream?.badSamples ?? []
  return {
    directory,
    summary: await concludeRun({ directory, config, task, state, text, result, badSamples }),
  }
}

/** A vocabulary learned from every caption of the training data. */
async function trainTokenizer(source: Source, config: Experiment): Promise<Tokenizer> {
  const captions: string[] = []
  for await (const sample of source.samples(config.onBadSample === 'skip' ? { onBad: () => {} } : {})) {
    captions.push(...sample.captions)
  }
  const length = config.model.text_config.max_position_embeddings
  const files = trainBpe(captions, { vocabularySize: config.tokenizer.vocabularySize, length })
  return Tokenizer.fromJson(files.json, files.config)
}

function buildModel({ model }: Experiment, tokenizer: Tokenizer): DualEncoder {
  if (model.model_type === 'clip') return new ClipModel(withVocabulary(model, tokenizer))
  const text_config = {
    ...model.text_config,
    vocab_size: tokenizer.vocabularySize,
    pad_token_id: tokenizer.padId,
  }
  return new SiglipModel({ ...model, text_config })
}

async function prepareState(task: Task, config: Experiment, device = config.device) {
  const optimizer = optimizerOf(config.optimizer)
  const named = [...task.parameters].map(([name, { shape }]) => ({ name, shape }))
  const average = config.averageDecay === undefined ? undefined : ema({ decay: config.averageDecay })
  const state = await createModelState({
    engine: new Engine({ device }),
    parameters: task.parameters,
    groups: parameterGroups(named, config.parameters),
    optimizer,
    seed: config.seed,
    average: average !== undefined,
  })
  const clipNorm = config.clipNorm ?? undefined
  return { state, update: await ParameterUpdate.create(state, { optimizer, clipNorm, ema: average }) }
}

/** How long the run is, and when it logs, validates and saves. */
function pace(config: Experiment, source: Source, text: TextSettings, run: string) {
  const samples = config.samplesPerEpoch ?? source.size
  if (samples === undefined) {
    throw new ConfigError(
      'config/unknown-size',
      `${source.name} does not know how many samples it has: set samplesPerEpoch, so that epochs mean something`,
      { source: source.name },
    )
  }
  const steps = (epochs: number) => Math.max(1, Math.floor((epochs * samples) / config.batchSize))
  const validation = config.validation && openSource(config.validation)
  return {
    totalSteps: steps(config.epochs),
    stepsPerEpoch: samples / config.batchSize,
    logEverySteps: config.logEverySteps,
    checkpoints: { run, everySteps: steps(config.checkpointEveryEpochs), keep: config.keepCheckpoints },
    ...(config.microBatchSize !== undefined && { microBatchSize: config.microBatchSize }),
    ...(validation && {
      validation: {
        metric: config.monitor,
        ...(config.patience !== undefined && { patience: config.patience }),
        everySteps: steps(config.validateEveryEpochs),
        openBatches: () => evaluationBatches(config, validation, text),
      },
    }),
  }
}
