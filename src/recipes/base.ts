import { ConfigError } from '../core/index.ts'
import { type Bundle, type ImageProcessing, imageProcessingOf, readBundle } from '../deploy/index.ts'
import { type Families, familyOf } from '../models/index.ts'
import type { ModelState } from '../training/index.ts'
import { imageSettings } from './batches.ts'
import type { Experiment } from './experiment.ts'

/**
 * The model that a recipe begins with, if it names one.
 * @throws CheckpointError and ConfigError as `readBundle`; ConfigError `config/base` when its images are prepared in
 * another way than the recipe's.
 */
export function openBase(config: Experiment): Bundle | undefined {
  if (config.base === undefined) return undefined
  const bundle = readBundle(config.base)
  const own = imageProcessingOf(imageSettings(withTowersOf(config, bundle)))
  const differing = (Object.keys(own) as (keyof ImageProcessing)[]).filter(
    (key) => JSON.stringify(own[key]) !== JSON.stringify(bundle.image[key]),
  )
  if (differing.length === 0) return bundle
  const list = differing
    .map((key) => `${key} ${JSON.stringify(own[key])} and not ${JSON.stringify(bundle.image[key])}`)
    .join(', ')
  throw new ConfigError(
    'config/base',
    `base: this recipe prepares images with ${list} as ${config.base}; take over its images and normalize`,
    { base: config.base, differing },
  )
}

/** The recipe with the towers of its base. @throws ConfigError `config/base` for a base with other towers. */
export function withTowersOf(
  config: Experiment,
  { model: { config: base } }: Bundle,
  families?: Families,
): Experiment {
  const { towers } = familyOf(config.model.model_type, families)
  if (towers.name === familyOf(base.model_type, families).towers.name)
    return { ...config, model: towers.take(config.model, base) as Experiment['model'] }
  throw new ConfigError(
    'config/base',
    `base: ${config.base} is a ${base.model_type} model, but ${towers.refusal}`,
    { base: config.base },
  )
}

/** Begin with the weights of a base: those whose name and shape the model has. @returns Their names. */
export async function takeWeights(state: ModelState, { weights }: Bundle): Promise<string[]> {
  const taken = [...weights].filter(([name, { shape }]) => {
    const parameter = state.parameters.get(name)
    return parameter !== undefined && String(parameter.shape) === String(shape)
  })
  await state.values.write(new Map(taken))
  await state.average?.write(new Map(taken))
  return taken.map(([name]) => name)
}
