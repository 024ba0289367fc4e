import { join } from 'node:path'
import type { CaptionCounts, LoaderPosition } from '../data/index.ts'
import { metricsLog, noteTo, Trainer, type TrainingResult, tensorBoard } from '../training/index.ts'
import type { BadSamples } from './bad-samples.ts'
import { evaluationBatches } from './batches.ts'
import { cutCaptions } from './cut-captions.ts'
import { usualMonitor } from './objective.ts'
import { scheduleOf } from './optimization.ts'
import { stepsOf } from './pace.ts'
import { paceWarnings } from './pace-warnings.ts'
import type { PreparedRun } from './prepare-run.ts'
import { runFiles } from './run-directory.ts'
import type { TrainOptions } from './train-options.ts'
import { type TrainingStream, trainingStream } from './training-stream.ts'

/**
 * Train a prepared run without stages from its newest checkpoint, or from the beginning if there is none.
 * @returns Without `captions` when the run was over before.
 */
export async function trainOnce(
  run: PreparedRun,
  badSamples: BadSamples,
  { signal, callbacks = [] }: TrainOptions,
): Promise<TrainingResult & { readonly captions?: CaptionCounts }> {
  const { directory, config, data, text, task, state, update, learningRate, lossScale } = run
  const note = noteTo(callbacks)
  const opened: TrainingStream[] = []
  const openStream = (position: unknown) => {
    const stream = trainingStream(run, badSamples, position as LoaderPosition | undefined)
    opened.push(stream)
    return stream
  }
  const trainer = new Trainer({
    task,
    state,
    update,
    learningRate,
    ...(lossScale && { lossScale }),
    schedule: scheduleOf(config.schedule),
    openStream,
    ...pace(run, badSamples),
    callbacks: [metricsLog(join(directory, runFiles.metrics)), tensorBoard(directory), ...callbacks],
    ...(signal && { signal }),
  })
  if ((await trainer.resume()) === 0) for (const warning of paceWarnings(config, data)) note(warning)
  const result = await trainer.run()
  const captions = opened[0]?.captions
  if (!captions) return result
  for (const sentence of cutCaptions(captions, text.length)) note(sentence)
  return { ...result, captions }
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
