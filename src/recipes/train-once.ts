import { join } from 'node:path'
import type { LoaderPosition } from '../data/index.ts'
import { metricsLog, Trainer, type TrainingResult, tensorBoard } from '../training/index.ts'
import type { BadSamples } from './bad-samples.ts'
import { evaluationBatches } from './batches.ts'
import { usualMonitor } from './objective.ts'
import { optimizerOf, scheduleOf } from './optimization.ts'
import { stepsOf } from './pace.ts'
import { paceWarnings } from './pace-warnings.ts'
import type { PreparedRun } from './prepare-run.ts'
import { runFiles } from './run-directory.ts'
import type { TrainOptions } from './train-options.ts'
import { trainingStream } from './training-stream.ts'

/** Train a prepared run without stages from its newest checkpoint, or from the beginning if there is none. */
export async function trainOnce(
  run: PreparedRun,
  badSamples: BadSamples,
  { signal, callbacks = [] }: TrainOptions,
): Promise<TrainingResult> {
  const { directory, config, data, task, state, update } = run
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
  if ((await trainer.resume()) === 0) {
    for (const text of paceWarnings(config, data)) for (const callback of callbacks) callback.onNote?.(text)
  }
  return trainer.run()
}

/** How long the run is, and when it logs, validates and saves. */
function pace({ directory, config, data, text }: PreparedRun, badSamples: BadSamples) {
  const { validation, samplesPerEpoch } = data
  const steps = (epochs: number) => stepsOf(epochs, config, data)
  const everySteps = steps(config.checkpointEveryEpochs)
  return {
    totalSteps: steps(config.epochs),
    stepsPerEpoch: samplesPerEpoch / config.batchSize,
    logEverySteps: config.logEverySteps,
    checkpoints: { run: directory, everySteps, keep: config.keepCheckpoints },
    ...(config.microBatchSize !== undefined && { microBatchSize: config.microBatchSize }),
    ...(validation && {
      validation: {
        metric: config.monitor ?? usualMonitor[config.objective.name],
        ...(config.patience !== undefined && { patience: config.patience }),
        ...(config.stopAt !== undefined && { target: config.stopAt }),
        everySteps: steps(config.validateEveryEpochs),
        openBatches: () => badSamples.watch(evaluationBatches(config, validation, text)),
      },
    }),
  }
}
