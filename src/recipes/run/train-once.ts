import { join } from 'node:path'
import { runFiles } from '../../core/index.ts'
import type { CaptionCounts, LoaderFeedback, LoaderPosition } from '../../data/index.ts'
import {
  type BatchStream,
  type Feedback,
  fractionAt,
  metricsLog,
  noteTo,
  Trainer,
  type TrainingResult,
  tensorBoard,
} from '../../training/index.ts'
import { scheduleOf } from '../recipe/optimization.ts'
import type { BadSamples } from './bad-samples.ts'
import { validationBatches } from './batches.ts'
import { cutCaptions } from './cut-captions.ts'
import { cutImages } from './cut-images.ts'
import { paceWarnings, stepsOf } from './pace.ts'
import type { PreparedRun } from './prepare.ts'
import type { TrainOptions } from './train-options.ts'

/**
 * Train a prepared run without stages from its newest checkpoint, or from the beginning if there is none.
 * @returns Result; without `captions` when the run was over before.
 */
export async function trainOnce(
  run: PreparedRun,
  badSamples: BadSamples,
  { signal, callbacks = [] }: TrainOptions,
): Promise<TrainingResult & { readonly captions?: CaptionCounts }> {
  const { directory, recipe, data, text } = run
  const note = noteTo(callbacks)
  for (const sentence of run.notes) note(sentence)
  const opened: TrainingStream[] = []
  const openStream = (position: unknown) => {
    const stream = trainingStream(run, badSamples, position as LoaderPosition | undefined)
    opened.push(stream)
    return stream
  }
  const trainer = new Trainer({
    ...run.training!,
    schedule: scheduleOf(recipe.schedule),
    openStream,
    ...pace(run, badSamples),
    callbacks: [metricsLog(join(directory, runFiles.metrics)), tensorBoard(directory), ...callbacks],
    ...(signal && { signal }),
  })
  if ((await trainer.resume()) === 0)
    for (const warning of [...cutImages(recipe, run.registry), ...paceWarnings(recipe, data)]) note(warning)
  const result = await trainer.run()
  const captions = opened[0]?.captions
  if (!captions) return result
  for (const sentence of cutCaptions(captions, text.length)) note(sentence)
  return { ...result, captions }
}

/** Length of the run, and intervals of log, validation and checkpoints. */
function pace(run: PreparedRun, badSamples: BadSamples) {
  const { directory, recipe, data, totalSteps } = run
  const { batches, checkpoints, log } = recipe
  return {
    totalSteps,
    stepsPerEpoch: data.samplesPerEpoch / batches.size,
    logEverySteps: log.everySteps,
    checkpoints: {
      run: directory,
      everySteps: stepsOf(checkpoints.everyEpochs, recipe, data),
      keep: checkpoints.keep,
    },
    ...(batches.microSize !== undefined && { microBatchSize: batches.microSize }),
    ...(data.validation && { validation: validationOf(run, data.validation, badSamples) }),
  }
}

function validationOf(
  { recipe, data, text, registry, objective }: PreparedRun,
  source: NonNullable<PreparedRun['data']['validation']>,
  badSamples: BadSamples,
) {
  const { monitor = objective.monitor(recipe), direction, patience, stopAt, everyEpochs } = recipe.validation
  return {
    metric: monitor,
    ...(direction && { direction }),
    ...(patience !== undefined && { patience }),
    ...(stopAt !== undefined && { target: stopAt }),
    everySteps: stepsOf(everyEpochs, recipe, data),
    openBatches: () => badSamples.watch(validationBatches(recipe, source, text, registry)),
  }
}

/** A stream that counts the captions of its first pass, and the cut ones among them. */
interface TrainingStream extends BatchStream {
  readonly captions: CaptionCounts
}

/** The training batches of a run from a position. Bad samples are recorded when the stream is closed. */
function trainingStream(
  { recipe, openLoader }: PreparedRun,
  badSamples: BadSamples,
  position: LoaderPosition | undefined,
): TrainingStream {
  const stream = openLoader(position)
  const { sampler } = recipe.batches
  const feedback = stream.feedback && sampler && feedbackOf(stream.feedback, sampler.metric)
  return {
    get position() {
      return stream.position
    },
    get captions() {
      return stream.captions
    },
    ...(feedback && { feedback }),
    [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
    async close() {
      badSamples.note(stream)
      await stream.close()
    },
  }
}

/** Feedback that passes one metric of a validation to the loader, for its sampler. */
const feedbackOf = (loader: LoaderFeedback, metric: string): Feedback => ({
  get numbers() {
    return loader.numbers
  },
  ...(loader.onSampleLosses && { onSampleLosses: loader.onSampleLosses }),
  onValidation: (metrics) => loader.onEvaluation(fractionAt(metrics, metric)),
})
