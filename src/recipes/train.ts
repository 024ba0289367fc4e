<<<<<<< HEAD
import { type CheckpointChoice, readBundle, writeBundle } from '../deploy/index.ts'
import { BadSamples } from './bad-samples.ts'
=======
import { join } from 'node:path'
import type { LoaderPosition } from '../data/index.ts'
import { type CheckpointChoice, readBundle, writeBundle } from '../deploy/index.ts'
import { metricsLog, Trainer, tensorBoard } from '../training/index.ts'
import { BadSamples } from './bad-samples.ts'
import { evaluationBatches } from './batches.ts'
>>>>>>> 6bfda6a (Samplers in recipes: by a validation metric that is a fraction; runs killed at any batch go on the same; their page)
import { concludeRun, type RunSummary } from './conclude-run.ts'
import type { ExperimentInput } from './experiment.ts'
import { type PreparedRun, prepareRun, reopenRun } from './prepare-run.ts'
import { trainStages } from './stages/train-stages.ts'
import { trainOnce } from './train-once.ts'
import type { TrainOptions } from './train-options.ts'
import { trainingStream } from './training-stream.ts'

/** A finished or interrupted run. */
export interface Run {
  readonly directory: string
  /** Undefined when the run was interrupted. */
  readonly summary: RunSummary | undefined
  /**
   * Write a bundle for robots, Hugging Face's libraries and search.
   * @param options Default: the best checkpoint by the validation, or the last one without validation.
   * @throws ConfigError when `directory` holds anything that no export wrote.
   */
  export(directory: string, options?: { readonly checkpoint?: CheckpointChoice }): Promise<void>
}

/**
 * Train what the recipe describes and write the run's directory: recipe, metrics, checkpoints, summary, report.
 *
 * @param options `out` is the run's directory, default `runs/<name>`. An earlier run there is moved aside.
 * @throws ConfigError for a recipe that is not valid; DataError for samples that cannot be used; TrainingError
 * when the loss is not finite.
 */
export async function train(
  input: ExperimentInput,
  { out, ...options }: TrainOptions & { readonly out?: string } = {},
): Promise<Run> {
  return trainRun(await prepareRun(input, out), options)
}

/**
 * Go on with a run from its newest checkpoint as if it had never stopped: the weights will be the same, bit by
 * bit. A finished run is only tested again.
 * @throws as {@link train}, and ConfigError `run/not-a-run`.
 */
export async function resume(directory: string, options: TrainOptions = {}): Promise<Run> {
  return trainRun(await reopenRun(directory), options)
}

/** Train a prepared run from its newest checkpoint, or from the beginning if there is none. */
export async function trainRun(run: PreparedRun, options: TrainOptions = {}): Promise<Run> {
  const { directory, config } = run
  const badSamples = new BadSamples(directory)
<<<<<<< HEAD
  const result = config.stages ? await trainStages(run, options) : await trainOnce(run, badSamples, options)
=======
  const trainer = new Trainer({
    task,
    state,
    update,
    learningRate: optimizerOf(config.optimizer).learningRate,
    schedule: scheduleOf(config.schedule),
    openStream: (position) => trainingStream(run, badSamples, position as LoaderPosition | undefined),
    ...pace(run, badSamples),
    callbacks: [metricsLog(join(directory, runFiles.metrics)), tensorBoard(directory), ...callbacks],
    ...(signal && { signal }),
  })
  await trainer.resume()
  const result = await trainer.run()
>>>>>>> 6bfda6a (Samplers in recipes: by a validation metric that is a fraction; runs killed at any batch go on the same; their page)
  return {
    directory,
    summary: result.interrupted ? undefined : await concludeRun(run, result, badSamples, options),
    export: async (to, { checkpoint } = {}) => writeBundle(to, readBundle(directory, { checkpoint })),
  }
}
<<<<<<< HEAD
=======

/** How long the run is, and when it logs, validates and saves. */
function pace({ directory, config, data, text }: PreparedRun, badSamples: BadSamples) {
  const { validation, samplesPerEpoch } = data
  const steps = (epochs: number) => Math.max(1, Math.floor((epochs * samplesPerEpoch) / config.batchSize))
  const everySteps = steps(config.checkpointEveryEpochs)
  return {
    totalSteps: steps(config.epochs),
    stepsPerEpoch: samplesPerEpoch / config.batchSize,
    logEverySteps: config.logEverySteps,
    checkpoints: { run: directory, everySteps, keep: config.keepCheckpoints },
    ...(config.microBatchSize !== undefined && { microBatchSize: config.microBatchSize }),
    ...(validation && {
      validation: {
        metric: config.monitor,
        ...(config.patience !== undefined && { patience: config.patience }),
        everySteps: steps(config.validateEveryEpochs),
        openBatches: () => badSamples.watch(evaluationBatches(config, validation, text)),
      },
    }),
  }
}
>>>>>>> 6bfda6a (Samplers in recipes: by a validation metric that is a fraction; runs killed at any batch go on the same; their page)
