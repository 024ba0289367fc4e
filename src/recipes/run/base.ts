import { CheckpointError, ConfigError } from '../../core/index.ts'
import {
  type Bundle,
  bundleDigest,
  type ImageProcessing,
  imageProcessingOf,
  readBundle,
  readTextTower,
} from '../../deploy/index.ts'
import { buildModel, familyOf, withTowersOf } from '../../models/index.ts'
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
  /** SHA-256 of what the bundle holds: see `bundleDigest`. */
  readonly digest: string
  /** Config of the recipe's model with the sizes of the tower. Default: the recipe's model has them. */
  readonly model?: Recipe['model']
  /** Sentences on the values of the recipe's model that the tower changed. */
  readonly changed: readonly string[]
}

/**
 * Open the base of a recipe, if it names one.
 * @throws CheckpointError and ConfigError of `readBundle`; ConfigError `config/base` when it has other towers, or the
 * recipe says of its model or its images what the base contradicts; CheckpointError `training/other-base` for a folder
 * that holds another model than the one that the run began with.
 */
export function openBase(recipe: Recipe, registry: Registry): Base | undefined {
  const directory = recipe.base
  if (recipe.towers) return openTextTower(recipe, recipe.towers.text, registry)
  if (directory === undefined) return undefined
  const bundle = readBundle(directory, { families: registry.families })
  requireSameModel(recipe, directory, bundle, registry)
  requireSameImages(recipe, directory, bundle, registry)
  return { key: 'base', directory, bundle, digest: requireSame(recipe, directory, bundle), changed: [] }
}

/** The digest of a base, which is the one that the run began with. */
function requireSame({ baseDigest: expected }: Recipe, directory: string, bundle: Bundle): string {
  const digest = bundleDigest(bundle)
  if (expected === undefined || expected === digest) return digest
  throw new CheckpointError(
    'training/other-base',
    `${directory} is not the base that this run began with: its weights, config or processing have changed. Restore it, or ` +
      'begin another run (without baseDigest, which a run writes down)',
    { directory, digest, expected },
  )
}

/**
 * The text tower of a folder with its tokenizer, as a bundle of the recipe's model that has only the tower's weights.
 * @throws Errors of `readTextTower`.
 */
function openTextTower(asked: Recipe, directory: string, registry: Registry): Base {
  const { config, tokenizer, weights, leftOut } = readTextTower(directory, asked.model, registry)
  const image = imageProcessingOf(imageSettings({ ...asked, model: config }, registry))
  const bundle = { model: buildModel(config, registry), tokenizer, image, weights, leftOut }
  const changed = differences(config, asked.model, 'model')
  const digest = requireSame(asked, directory, bundle)
  return { key: 'towers.text', directory, bundle, digest, model: config, changed }
}

/** Refuse a model with other towers, or with keys of other values than those that its family takes from the base. */
function requireSameModel(
  { model }: Recipe,
  directory: string,
  { model: { config: base } }: Bundle,
  { families }: Registry,
): void {
  const { towers } = familyOf(model.model_type, families)
  if (towers.name !== familyOf(base.model_type, families).towers.name)
    throw new ConfigError(
      'config/base',
      `base: ${directory} is a ${base.model_type} model, but ${towers.refusal}`,
      { base: directory },
    )
  const differing = differences(model, withTowersOf(model, base, families), 'model')
  if (differing.length === 0) return
  throw new ConfigError(
    'config/base',
    `base: this recipe describes another model than ${directory}: ${differing.join(', ')}. Leave these keys out, ` +
      "and they are the base's; a built-in recipe is emptied by --set 'model.vision_config={}' and the like",
    { base: directory, differing },
  )
}

/** Sentences on the values of `said` that differ in `taken`, at any depth. */
function differences(said: object, taken: object, path: string): string[] {
  return Object.entries(said).flatMap(([key, value]) => {
    const other: unknown = Reflect.get(taken, key)
    if (JSON.stringify(value) === JSON.stringify(other)) return []
    const place = `${path}.${key}`
    if (isObject(value) && isObject(other)) return differences(value, other, place)
    return [`${place} is ${JSON.stringify(value)} and not ${JSON.stringify(other)}`]
  })
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

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
    `base: this recipe prepares images with ${list} as ${directory}; leave its images and normalize out, and they are ` +
      "the base's",
    { base: directory, differing },
  )
}
