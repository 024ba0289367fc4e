import {
  type Loader,
  type LoaderOptions,
  loader,
  mixMethods,
  type PreviewOptions,
  type Source,
  type Tokenizer,
} from '../data/index.ts'
import { inputsOf } from '../models/index.ts'
import type { Experiment } from './experiment.ts'
import { sortTransforms } from './transforms.ts'

/** How captions become rows of token ids. */
export interface TextSettings {
  readonly tokenizer: Tokenizer
  /** Tokens of a row. */
  readonly length: number
}

/** How a recipe's images are decoded: to the model's size unless it asks for more. */
export function imageSettings(config: Experiment) {
  const { resolution = inputsOf(config.model).image.size, fit } = config.images
  return { resolution, fit, augment: sortTransforms(config.augment).images }
}

/** The loader options of a recipe's training data. */
export function trainingOptions(config: Experiment, source: Source, text: TextSettings): LoaderOptions {
  const { batchSize, seed, sampler, groupPictures, uniqueConcepts, firstCaption, mix, onBadSample, workers } =
    config
  return {
    source,
    batchSize,
    seed,
    groupPictures,
    uniqueConcepts,
    firstCaption,
    mix: mixMethods(mix),
    onBadSample,
    ...(sampler && { sampler }),
    ...(workers !== undefined && { workers }),
    ...imageSettings(config),
    texts: { inputIds: text },
    augmentTexts: sortTransforms(config.augment).texts,
  }
}

/** What a preview of a recipe's training data shows: the same images and texts, in the same epochs. */
export function previewOptions(config: Experiment): Omit<PreviewOptions, 'source'> {
  const { seed, firstCaption, mix, augment } = config
  const { texts: augmentTexts } = sortTransforms(augment)
  return { seed, firstCaption, mix: mixMethods(mix), augmentTexts, ...imageSettings(config) }
}

/**
 * One pass over a data set for evaluation: nothing random, the source's order. Retrieval reads all captions that tests
 * read, unless training is told to take first ones only; a policy reads one command.
 */
export function evaluationBatches(config: Experiment, source: Source, text: TextSettings): Loader {
  const { seed, onBadSample, workers, objective, firstCaption } = config
  return loader({
    source,
    mode: 'evaluate',
    allCaptions: objective.name === 'contrastive' && firstCaption < 1,
    batchSize: 64,
    seed,
    onBadSample,
    ...(workers !== undefined && { workers }),
    ...imageSettings(config),
    texts: { inputIds: text },
  })
}
