import { ConfigError } from '../core/index.ts'
import { openSource, requireCropsFit, requireLabelsFollow, type Source } from '../data/index.ts'
import { imageProcessingOf } from '../deploy/index.ts'
import { inputsOf } from '../models/index.ts'
import { imageSettings } from './batches.ts'
import type { Experiment } from './experiment.ts'

/** The data sets of a run, open. */
export interface RunData {
  readonly training: Source
  /** Samples of one epoch. */
  readonly samplesPerEpoch: number
  readonly validation: Source | undefined
  readonly tests: Readonly<Record<string, Source>>
}

/**
 * Open all of them, so that what is wrong with any of them shows before training.
 * @throws as `openSource`, and ConfigError `augment/label` for a transform that a label cannot follow, `augment/crop`,
 * `config/image-size`, `config/sampler-without-validation`.
 */
export function openData(config: Experiment): RunData {
  requireValidationOfSampler(config)
  const training = openSource(config.data)
  const { augment, resolution } = imageSettings(config)
  requireLabelsFollow(augment, training.labels ?? {})
  requireCropsFit(augment, resolution)
  requireSizeOfModel(config)
  const tests = Object.entries(config.tests).map(([name, spec]) => [name, openSource(spec)] as const)
  return {
    training,
    samplesPerEpoch: config.samplesPerEpoch ?? sizeOf(training),
    validation: config.validation && openSource(config.validation),
    tests: Object.fromEntries(tests),
  }
}

function requireSizeOfModel(config: Experiment): void {
  const { size } = imageProcessingOf(imageSettings(config))
  const expected = inputsOf(config.model).image.size
  if (size === expected) return
  throw new ConfigError(
    'config/image-size',
    `pictures leave augment with ${size} pixels a side, but model.vision_config.image_size is ${expected}: change one of ` +
      'them, or images.resolution where nothing crops or resizes',
    { size, expected },
  )
}

function requireValidationOfSampler({ sampler, validation }: Experiment): void {
  if (!sampler || validation) return
  throw new ConfigError(
    'config/sampler-without-validation',
    `sampler ${sampler.kind} goes by '${sampler.metric}' of the validation: name data for validation, or leave the ` +
      'sampler out',
    { sampler },
  )
}

function sizeOf({ name, size }: Source): number {
  if (size !== undefined) return size
  throw new ConfigError(
    'config/unknown-size',
    `${name} does not know how many samples it has: set samplesPerEpoch, so that epochs mean something`,
    { source: name },
  )
}
