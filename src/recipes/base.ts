import { ConfigError } from '../core/index.ts'
import { type Bundle, type ImageProcessing, imageProcessingOf, readBundle } from '../deploy/index.ts'
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

/** The recipe with the towers of its base. @throws ConfigError `config/base` for towers of another family. */
export function withTowersOf(config: Experiment, { model: { config: base } }: Bundle): Experiment {
  const { model } = config
  const family = (type: string) => (type === 'siglip' ? 'siglip' : 'clip')
  if (family(base.model_type) !== family(model.model_type)) {
    const own =
      model.model_type === 'visuomotor_policy'
        ? "the towers of a policy are CLIP's, with a class token and words that see only those before; begin with a clip model or a policy"
        : `a ${model.model_type} has the towers of another family`
    throw new ConfigError('config/base', `base: ${config.base} is a ${base.model_type} model, but ${own}`, {
      base: config.base,
    })
  }
  const towers = { text_config: base.text_config, vision_config: base.vision_config }
  return { ...config, model: { ...model, ...towers } as Experiment['model'] }
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
