import {
  type ImageTransform,
  imageTransforms,
  type Loader,
  type LoaderOptions,
  loader,
  type Source,
  type TextTransform,
  type Tokenizer,
  textTransformNames,
  textTransforms,
} from '../data/index.ts'
import type { Experiment } from './experiment.ts'

/** How captions become rows of token ids. */
export interface TextSettings {
  readonly tokenizer: Tokenizer
  /** Tokens of a row. */
  readonly length: number
}

/** The transforms of a recipe, sorted into those of images and those of texts. */
export function transformsOf({ augment }: Pick<Experiment, 'augment'>): {
  images: ImageTransform[]
  texts: TextTransform[]
} {
  const isText = ({ transform }: { transform: string }) =>
    (textTransformNames as readonly string[]).includes(transform)
  return {
    images: imageTransforms(augment.filter((value) => !isText(value))),
    texts: textTransforms(augment.filter(isText)),
  }
}

/** How a recipe's images are decoded: to the model's size unless it asks for more. */
export function imageSettings(config: Experiment) {
  const { resolution = config.model.vision_config.image_size, fit } = config.images
  return { resolution, fit, augment: transformsOf(config).images }
}

/** The loader options of a recipe's training data. */
export function trainingOptions(config: Experiment, source: Source, text: TextSettings): LoaderOptions {
  const { batchSize, seed, uniqueConcepts, onBadSample, workers } = config
  return {
    source,
    batchSize,
    seed,
    uniqueConcepts,
    onBadSample,
    ...(workers !== undefined && { workers }),
    ...imageSettings(config),
    text: { ...text, augment: transformsOf(config).texts },
  }
}

/** One pass over a data set for evaluation: nothing random, first captions, the source's order. */
export function evaluationBatches(config: Experiment, source: Source, text: TextSettings): Loader {
  const { seed, onBadSample, workers } = config
  return loader({
    source,
    mode: 'evaluate',
    batchSize: 64,
    seed,
    onBadSample,
    ...(workers !== undefined && { workers }),
    ...imageSettings(config),
    text,
  })
}
