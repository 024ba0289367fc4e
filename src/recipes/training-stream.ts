import type { CaptionCounts, LoaderFeedback, LoaderPosition } from '../data/index.ts'
import { type BatchStream, type Feedback, fractionAt } from '../training/index.ts'
import type { BadSamples } from './bad-samples.ts'
import type { PreparedRun } from './prepare-run.ts'

/** A stream that counts the captions of its first pass, and those that were cut. */
export interface TrainingStream extends BatchStream {
  readonly captions: CaptionCounts
}

/** The training batches of a run from a position on. Bad samples are noted when the stream is closed. */
export function trainingStream(
  { config, openLoader }: PreparedRun,
  badSamples: BadSamples,
  position: LoaderPosition | undefined,
): TrainingStream {
  const stream = openLoader(position)
  const feedback = stream.feedback && config.sampler && feedbackOf(stream.feedback, config.sampler.metric)
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

/** The loader is told the one metric of a validation that its sampler goes by. */
const feedbackOf = (loader: LoaderFeedback, metric: string): Feedback => ({
  get numbers() {
    return loader.numbers
  },
  ...(loader.onSampleLosses && { onSampleLosses: loader.onSampleLosses }),
  onValidation: (metrics) => loader.onEvaluation(fractionAt(metrics, metric)),
})
