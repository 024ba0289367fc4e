import { buildModel, type Families, type Model, type ModelConfig } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'

/** A number of a config, by the keys that lead to it. */
export interface ConfigNumber {
  readonly path: readonly (string | number)[]
  readonly value: number
}

/** All whole numbers of a config. */
export function numbersOf(value: unknown, path: ConfigNumber['path'] = []): ConfigNumber[] {
  if (typeof value === 'number') return Number.isInteger(value) ? [{ path, value }] : []
  if (typeof value !== 'object' || value === null) return []
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return entries.flatMap(([key, inner]) => numbersOf(inner, [...path, key]))
}

/** A config with another number at a path. */
export function withNumber(config: ModelConfig, path: ConfigNumber['path'], value: number): ModelConfig {
  const copy = structuredClone(config)
  const owner = path.slice(0, -1).reduce<unknown>((found, key) => Reflect.get(found as object, key), copy)
  Reflect.set(owner as object, path.at(-1)!, value)
  return copy
}

/** The model of a config, with the names of its parameters; undefined for a config that no model can have. */
export function modelOf(config: ModelConfig, families: Families | undefined): Model | undefined {
  try {
    const model = buildModel(config, { families })
    namedParameters(model)
    return model
  } catch {
    return undefined
  }
}
