import {
  codeOf,
  drawUniformly,
  parameterExists,
  type Space,
  type Value,
  type Values,
} from '../../compression/index.ts'
import { ConfigError, random } from '../../core/index.ts'
import { override } from '../recipe/override.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe, RecipeDraft } from '../recipe/schema.ts'

/** A recipe as it was named, and what `--set` changes in it for every trial. */
export interface NamedRecipe {
  readonly draft: Recipe | RecipeDraft
  readonly assignments: readonly string[]
  readonly registry: Registry
}

/** Values as `--set` takes them. */
export const assignmentsOf = (values: Values): string[] =>
  Object.entries(values).map(([path, value]) => `${path}=${JSON.stringify(value)}`)

/** Reason why the recipe cannot take values; undefined where it can. Other errors are thrown. */
export function refusalOf({ draft, assignments, registry }: NamedRecipe, values: Values): string | undefined {
  try {
    override(draft, [...assignments, ...assignmentsOf(values)], registry)
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

/** Number of draws that are tried on the recipe before anything is trained. */
const tries = 64

/**
 * Check a space against its recipe before anything is trained: each path alone, which finds unknown keys, then drawn
 * trials. A space of which the recipe takes some draws and refuses others is searched, and those are recorded as refused.
 * @returns Share of the draws that the recipe takes, in (0, 1].
 * @throws ConfigError of `override` for a path that the recipe does not have; `study/refused` where it takes no draw.
 */
export function requireFits(recipe: NamedRecipe, space: Space, seed: number): number {
  for (const path of Object.keys(space)) {
    const set = recipe.assignments.find((assignment) => assignment.startsWith(`${path}=`))
    if (set !== undefined)
      throw new ConfigError('study/options', `${path} is searched, and set for every trial by '${set}'`, {
        path,
      })
  }
  const reasons: string[] = []
  for (let i = 0; i < tries; i++) {
    const values = drawUniformly(space, random(seed, 'search', 'fits', i))
    try {
      override(recipe.draft, [...recipe.assignments, ...assignmentsOf(values)], recipe.registry)
    } catch (error) {
      if (!(error instanceof ConfigError) || error.code === 'config/unknown-key') throw error
      reasons.push(error.message)
    }
  }
  if (reasons.length < tries) return 1 - reasons.length / tries
  throw new ConfigError(
    'study/refused',
    `the recipe takes none of ${tries} draws from this space: ${reasons[0]}`,
    {
      reason: reasons[0],
    },
  )
}

/** The recipe's own values at the paths of a space, as far as the space has them. */
export function ownValues(recipe: Recipe, space: Space): Values {
  const found: Record<string, Value> = {}
  for (const [path, parameter] of Object.entries(space)) {
    const value = path.split('.').reduce<unknown>((inner, key) => Object(inner)[key], recipe) as
      | Value
      | undefined
    const isKnown = value !== undefined && codeOf(parameter, value) !== undefined
    if (isKnown && parameterExists(parameter, found)) found[path] = value
  }
  return found
}
