import { ConfigError } from '../../core/index.ts'
import {
  openSource,
  requireCamerasFit,
  requireCropsFit,
  requireLabelsFollow,
  type Source,
} from '../../data/index.ts'
import { imageProcessingOf } from '../../deploy/index.ts'
import { inputsOf } from '../../models/index.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import { imageSettings } from './batches.ts'

/** The data sets of a run, open. */
export interface RunData {
  readonly training: Source
  /** Number of samples in one epoch. */
  readonly samplesPerEpoch: number
  readonly validation: Source | undefined
  readonly tests: Readonly<Record<string, Source>>
}

/**
 * Open all data sets, so that their errors show before training.
 * @throws Errors of `openSource`, and ConfigError `augment/label` for a transform that a label cannot follow,
 * `augment/crop`, `data/camera-views`, `config/image-size`, `config/sampler-without-validation`.
 */
export function openData(recipe: Recipe, registry: Registry): RunData {
  requireValidationOfSampler(recipe)
  const training = openSource(recipe.data, registry.sources)
  const images = imageSettings(recipe, registry)
  requireLabelsFollow(images.augment, training.labels ?? {})
  requireCamerasFit({ source: training }, images.augment)
  requireCropsFit(images.augment, images.resolution)
  requireSizeOfModel(recipe, registry)
  const tests = Object.entries(recipe.tests).map(
    ([name, spec]) => [name, openSource(spec, registry.sources)] as const,
  )
  return {
    training,
    samplesPerEpoch: recipe.batches.samplesPerEpoch ?? sizeOf(training),
    validation: recipe.validation.data && openSource(recipe.validation.data, registry.sources),
    tests: Object.fromEntries(tests),
  }
}

function requireSizeOfModel(recipe: Recipe, registry: Registry): void {
  const { size } = imageProcessingOf(imageSettings(recipe, registry))
  const expected = inputsOf(recipe.model, registry.families).image.size
  if (size === expected) return
  throw new ConfigError(
    'config/image-size',
    `images leave augment with ${size} pixels a side, but the model takes ${expected}: change one of them ` +
      '(model.vision_config.image_size), or images.resolution where nothing crops or resizes',
    { size, expected },
  )
}

function requireValidationOfSampler({ batches: { sampler }, validation }: Recipe): void {
  if (!sampler || validation.data) return
  throw new ConfigError(
    'config/sampler-without-validation',
    `batches.sampler goes by '${sampler.metric}' of the validation: name validation.data, or leave the sampler out`,
    { sampler },
  )
}

function sizeOf({ name, size }: Source): number {
  if (size !== undefined) return size
  throw new ConfigError(
    'config/unknown-size',
    `${name} does not know how many samples it has: set batches.samplesPerEpoch, so that epochs mean something`,
    { source: name },
  )
}
