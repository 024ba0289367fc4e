import { ConfigError } from '../../core/index.ts'
import {
  type Bundle,
  type ImageProcessing,
  imageProcessingOf,
  readBundle,
  readTextTower,
} from '../../deploy/index.ts'
import { buildModel, familyOf } from '../../models/index.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import { imageSettings } from './batches.ts'

/** The model that training begins with, or a part of it. */
export interface Base {
  /** Key of the recipe that names it. */
  readonly key: 'base' | 'towers.text'
  /** Folder of the base, as the recipe names it. */
  readonly directory: string
  readonly bundle: Bundle
  /** The recipe with all of the base's config that its family takes over. */
  readonly recipe: Recipe
  /** Keys of the recipe's model that the base changed, with both values where they are short. */
  readonly changed: readonly string[]
}

/**
 * Open the base of a recipe, if it names one.
 * @throws CheckpointError and ConfigError of `readBundle`; ConfigError `config/base` when it has other towers, or its
 * images are prepared in another way than the recipe's.
 */
export function openBase(asked: Recipe, registry: Registry): Base | undefined {
  const directory = asked.base
  if (asked.towers) return openTextTower(asked, asked.towers.text, registry)
  if (directory === undefined) return undefined
  const bundle = readBundle(directory, { families: registry.families })
  const recipe = { ...asked, model: modelOnBase(asked, directory, bundle, registry) }
  requireSameImages(recipe, directory, bundle, registry)
  return { key: 'base', directory, bundle, recipe, changed: changedKeys(asked.model, recipe.model) }
}

/**
 * The text tower of a folder with its tokenizer, as a bundle of the recipe's model that has only the tower's weights.
 * @throws Errors of `readTextTower`.
 */
function openTextTower(asked: Recipe, directory: string, registry: Registry): Base {
  const { config, tokenizer, weights, leftOut } = readTextTower(directory, asked.model, registry)
  const recipe = { ...asked, model: config }
  const image = imageProcessingOf(imageSettings(recipe, registry))
  const bundle = { model: buildModel(config, registry), tokenizer, image, weights, leftOut }
  return { key: 'towers.text', directory, bundle, recipe, changed: changedKeys(asked.model, config) }
}

/** The recipe's model with what its family takes from the base. @throws ConfigError `config/base` for other towers. */
function modelOnBase(
  { model }: Recipe,
  directory: string,
  { model: { config: base } }: Bundle,
  { families }: Registry,
): Recipe['model'] {
  const { towers } = familyOf(model.model_type, families)
  if (towers.name === familyOf(base.model_type, families).towers.name) return towers.take(model, base)
  throw new ConfigError(
    'config/base',
    `base: ${directory} is a ${base.model_type} model, but ${towers.refusal}`,
    { base: directory },
  )
}

/** Values of the processing that an `ImageProcessing` may leave out. */
const usual = { cropFraction: 1, kernel: 'bicubic' } as const satisfies Partial<ImageProcessing>

function requireSameImages(recipe: Recipe, directory: string, bundle: Bundle, registry: Registry): void {
  const own: ImageProcessing = { ...usual, ...imageProcessingOf(imageSettings(recipe, registry)) }
  const wanted: ImageProcessing = { ...usual, ...bundle.image }
  const differing = (Object.keys(own) as (keyof ImageProcessing)[]).filter(
    (key) => JSON.stringify(own[key]) !== JSON.stringify(wanted[key]),
  )
  if (differing.length === 0) return
  const list = differing
    .map((key) => `${key} ${JSON.stringify(own[key])} and not ${JSON.stringify(wanted[key])}`)
    .join(', ')
  throw new ConfigError(
    'config/base',
    `base: this recipe prepares images with ${list} as ${directory}; take over its images and normalize`,
    { base: directory, differing },
  )
}

function changedKeys(asked: object, taken: object): string[] {
  return Object.entries(taken).flatMap(([key, value]) => {
    const before: unknown = Reflect.get(asked, key)
    if (JSON.stringify(before) === JSON.stringify(value)) return []
    const isShort = typeof value !== 'object'
    return [isShort ? `${key} (${value}, not ${before})` : key]
  })
}
