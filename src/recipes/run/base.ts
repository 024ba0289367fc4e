import { ConfigError, sameShape } from '../../core/index.ts'
import {
  type Bundle,
  type ImageProcessing,
  imageProcessingOf,
  readBundle,
  type Weights,
} from '../../deploy/index.ts'
import { familyOf } from '../../models/index.ts'
import type { Task } from '../../training/index.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import { imageSettings } from './batches.ts'

/**
 * Open the base of a recipe, if it names one.
 * @throws CheckpointError and ConfigError of `readBundle`; ConfigError `config/base` when its images are prepared in
 * another way than the recipe's.
 */
export function openBase(recipe: Recipe, registry: Registry): Bundle | undefined {
  if (recipe.base === undefined) return undefined
  const bundle = readBundle(recipe.base, { families: registry.families })
  const own = imageProcessingOf(imageSettings(withTowersOf(recipe, bundle, registry), registry))
  const differing = (Object.keys(own) as (keyof ImageProcessing)[]).filter(
    (key) => JSON.stringify(own[key]) !== JSON.stringify(bundle.image[key]),
  )
  if (differing.length === 0) return bundle
  const list = differing
    .map((key) => `${key} ${JSON.stringify(own[key])} and not ${JSON.stringify(bundle.image[key])}`)
    .join(', ')
  throw new ConfigError(
    'config/base',
    `base: this recipe prepares images with ${list} as ${recipe.base}; take over its images and normalize`,
    { base: recipe.base, differing },
  )
}

/** The recipe with the towers of its base. @throws ConfigError `config/base` for a base with other towers. */
export function withTowersOf(
  recipe: Recipe,
  { model: { config: base } }: Bundle,
  registry: Registry,
): Recipe {
  const { families } = registry
  const { towers } = familyOf(recipe.model.model_type, families)
  if (towers.name === familyOf(base.model_type, families).towers.name)
    return { ...recipe, model: towers.take(recipe.model, base) }
  throw new ConfigError(
    'config/base',
    `base: ${recipe.base} is a ${base.model_type} model, but ${towers.refusal}`,
    { base: recipe.base },
  )
}

/** The weights of a base that a task begins with: those with the name and shape of one of its parameters. */
export const weightsOf = ({ weights }: Bundle, { parameters }: Task): Weights =>
  new Map(
    [...weights].filter(([name, { shape }]) => {
      const parameter = parameters.get(name)
      return parameter !== undefined && sameShape(parameter.shape, shape)
    }),
  )
