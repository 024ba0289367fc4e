import { join } from 'node:path'
import { type Batch, runFiles } from '../../core/index.ts'
import type { CaptionCounts, Loader, LoaderFeedback, LoaderPosition } from '../../data/index.ts'
import {
  type BatchStream,
  type Feedback,
  fractionAt,
  metricsLog,
  noteTo,
  Trainer,
  type TrainingResult,
  tensorBoard,
  withOutputs,
} from '../../training/index.ts'
import { scheduleOf } from '../recipe/optimization.ts'
import type { BadSamples } from './bad-samples.ts'
import { validationBatches } from './batches.ts'
import { cutCaptions } from './cut-captions.ts'
import { cutImages } from './cut-images.ts'
import { storeExtension } from './extend.ts'
import { members } from './members.ts'
import { paceWarnings, stepsOf } from './pace.ts'
import type { PreparedRun } from './prepare.ts'
import type { TrainingOptions } from './train-options.ts'

/** Result of a training with what its stream has met; without both when the run was over before. */
export interface TrainedResult extends TrainingResult {
  readonly captions?: CaptionCounts
  readonly dataChanges?: readonly string[]
}

/** Train a prepared run without stages from its newest checkpoint, or from the beginning if there is none. */
export async function trainOnce(
  run: PreparedRun,
  badSamples: BadSamples,
  { signal, callbacks = [], trackers = [], allowChangedData = false }: TrainingOptions,
): Promise<TrainedResult> {
  const { directory, recipe, data, text } = run
  const note = noteTo(callbacks)
  for (const sentence of run.notes) note(sentence)
  const opened: TrainingStream[] = []
  const openStream = (position: unknown) => {
    const loader = run.openLoader(position as LoaderPosition | undefined, { allowChangedData })
    const stream = trainingStream(run, badSamples, loader, note)
    opened.push(stream)
    return run.outputs.reduce<BatchStream>(withOutputs, stream)
  }
  const trainer = new Trainer({
    ...run.training!,
    schedule: scheduleOf(recipe.schedule),
    openStream,
    ...pace(run, badSamples),
    callbacks: members().rank > 0 ? [] : [...files(directory), ...trackers, ...callbacks],
    communicator: members(),
    ...(signal && { signal }),
  })
  if ((await trainer.resume()) === 0)
    for (const warning of [
      ...notesOf(data),
      ...cutImages(recipe, run.registry),
      ...paceWarnings(recipe, data),
    ])
      note(warning)
  const result = await trainer.run()
  const stream = opened[0]
  if (!stream) return result
  const { dataChanges } = stream
  const captions = await countedByAll(stream.captions)
  for (const sentence of cutCaptions(captions, text.length)) note(sentence)
  return { ...result, captions, ...(dataChanges.length > 0 && { dataChanges }) }
}

/** Sentences of the sources about the data. */
const notesOf = ({ training, validation }: PreparedRun['data']): string[] => [
  ...new Set([training, validation].flatMap((source) => source?.notes ?? [])),
]

const files = (directory: string) => [metricsLog(join(directory, runFiles.metrics)), tensorBoard(directory)]

/** Length of the run, and intervals of log, validation and checkpoints. */
function pace(run: PreparedRun, badSamples: BadSamples) {
  const { directory, recipe, data, totalSteps } = run
  const { batches, checkpoints, log, machine } = recipe
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
    ...(machine.memoryBudget !== undefined && {
      memoryBudget: {
        bytes: machine.memoryBudget,
        adapt: batches.adapt,
        between: batches.adaptBetween,
        batchSize: batches.size,
      },
    }),
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

/** The captions that all members counted, each those of its own samples. */
async function countedByAll(own: CaptionCounts): Promise<CaptionCounts> {
  if (members().size === 1) return own
  const lines = await members().gather(new Uint8Array(Buffer.from(`${JSON.stringify(own)}\n`)))
  const all = Buffer.from(lines).toString().trim().split('\n')
  return all.map((line) => JSON.parse(line) as CaptionCounts).reduce(addCounts)
}

function addCounts(a: CaptionCounts, b: CaptionCounts): CaptionCounts {
  const names = [...new Set([a, b].flatMap(({ cutFor = {} }) => Object.keys(cutFor)))]
  const cutFor = names.map((name) => [name, (a.cutFor?.[name] ?? 0) + (b.cutFor?.[name] ?? 0)] as const)
  return {
    read: a.read + b.read,
    cut: a.cut + b.cut,
    ...(names.length > 0 && { cutFor: Object.fromEntries(cutFor) }),
  }
}

/** A stream that counts the captions of its first pass, and the cut ones among them. */
interface TrainingStream extends BatchStream, Pick<Loader, 'captions' | 'dataChanges'> {}

/** The training batches of a run. Bad samples are recorded when the stream is closed. */
function trainingStream(
  run: PreparedRun,
  badSamples: BadSamples,
  stream: Loader,
  note: (text: string) => void,
): TrainingStream {
  const { sampler } = run.recipe.batches
  const feedback = stream.feedback && sampler && feedbackOf(stream.feedback, sampler.metric)
  return {
    get position() {
      return stream.position
    },
    get captions() {
      return stream.captions
    },
    get dataChanges() {
      return stream.dataChanges
    },
    ...(feedback && { feedback }),
    [Symbol.asyncIterator]: () => accepted(stream, note, run),
    async close() {
      badSamples.note(stream)
      await stream.close()
    },
  }
}

/**
 * The batches of a loader; changes of its data are told when they are met. A longer run is told and written down with
 * the first batch, whose data the loader has accepted.
 */
async function* accepted(
  loader: Loader,
  note: (text: string) => void,
  { directory, extension }: PreparedRun,
): AsyncGenerator<Batch> {
  let pending = extension
  let told = 0
  for await (const batch of loader) {
    if (pending && members().rank === 0) storeExtension(directory, pending.recipe)
    for (const sentence of pending?.notes ?? []) note(sentence)
    pending = undefined
    for (const change of loader.dataChanges.slice(told)) note(`warning: ${change}. The run goes on with it`)
    told = loader.dataChanges.length
    yield batch
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
