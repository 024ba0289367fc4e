import {
  type Loader,
  type LoaderOptions,
  mixMethods,
  type PreviewOptions,
  type Source,
  type Tokenizer,
} from '../../data/index.ts'
import { imageProcessingOf } from '../../deploy/index.ts'
import { evaluationLoader } from '../../evaluation/index.ts'
import { inputsOf } from '../../models/index.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import { builtIn, type Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import { sortTransforms } from '../recipe/transforms.ts'
import { members } from './members.ts'

/** Tokenizer of captions, and length of their rows. */
export interface TextSettings {
  readonly tokenizer: Tokenizer
  /** Number of tokens in a row. */
  readonly length: number
}

/** Options for decoding a recipe's images: at the model's size, unless the recipe sets another. */
export function imageSettings(recipe: Recipe, registry: Registry) {
  const { augment, images, model } = recipe
  const { resolution = inputsOf(model, registry.families).image.size, ...fitting } = images
  return { resolution, ...fitting, augment: sortTransforms(augment).images }
}

/** The loader options of a recipe's training data. */
export function trainingOptions(
  recipe: Recipe,
  source: Source,
  text: TextSettings,
  registry: Registry,
): LoaderOptions {
  const { seed, batches, texts, mix, machine, augment } = recipe
  const { size, groupImages, uniqueConcepts, sampler, onBadSample } = batches
  return {
    source,
    batchSize: size,
    seed,
    groupPictures: groupImages,
    uniqueConcepts,
    firstCaption: texts.firstCaption,
    mix: mixMethods(mix),
    onBadSample,
    ...(sampler && { sampler }),
    ...(machine.workers !== undefined && { workers: machine.workers }),
    members: members(),
    ...imageSettings(recipe, registry),
    texts: { inputIds: text },
    augmentTexts: sortTransforms(augment).texts,
  }
}

/** Options of a preview of a recipe's training data: the same images and texts, in the same epochs. */
export function previewOptions(recipe: Recipe, registry: Registry = builtIn): Omit<PreviewOptions, 'source'> {
  const { seed, texts, mix, augment } = recipe
  return {
    seed,
    firstCaption: texts.firstCaption,
    mix: mixMethods(mix),
    augmentTexts: sortTransforms(augment).texts,
    ...imageSettings(recipe, registry),
  }
}

/** One pass over a data set for validation, with the captions that the objective reads. */
export function validationBatches(
  recipe: Recipe,
  source: Source,
  text: TextSettings,
  registry: Registry,
): Loader {
  const { workers } = recipe.machine
  return evaluationLoader(imageProcessingOf(imageSettings(recipe, registry)), source, {
    allCaptions: objectiveOf(recipe, registry).captions(recipe) === 'all',
    onBadSample: recipe.batches.onBadSample,
    ...(workers !== undefined && { workers }),
    texts: { inputIds: text },
  })
}
