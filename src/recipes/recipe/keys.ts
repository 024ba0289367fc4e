import { type DataPath, type KeysAt, schemaKeys } from '../../core/index.ts'
import type { Registry } from './registry.ts'
import { recipeSchema } from './schema.ts'

/** A place in a recipe: keys of objects and indices of arrays. */
export type RecipePath = DataPath

const roots = new WeakMap<Registry, KeysAt>()

/** The keys of an object at `path`, optional ones included; undefined where any key is allowed. */
export function knownKeys(path: RecipePath, registry: Registry): readonly string[] | undefined {
  const keysAt = roots.get(registry) ?? schemaKeys(recipeSchema(registry))
  roots.set(registry, keysAt)
  return keysAt(path)
}
