import { ConfigError } from '../../core/index.ts'
import { keyHint } from './key-hint.ts'
import { knownKeys, type RecipePath } from './keys.ts'
import { parseDraft, parseRecipe } from './parse.ts'
import { builtIn, type Registry } from './registry.ts'
import type { Recipe, RecipeDraft } from './schema.ts'

type Container = Record<string, unknown>

/**
 * A recipe with some values replaced, checked as a whole. Before that it may lack its data, and a base.
 * @param assignments List of `path.to.key=value`, applied in order. A value is JSON, or else text; keys of arrays are
 * indices from 0, one beyond the last to append.
 * @throws ConfigError `config/override` for an assignment that cannot be read, or two of one key with different values, `config/unknown-key` naming the
 * nearest key, and the errors of {@link parseRecipe}.
 */
export function override(
  recipe: Recipe | RecipeDraft,
  assignments: readonly string[],
  registry: Registry = builtIn,
): Recipe {
  const keys = {
    known: (path: RecipePath) => knownKeys(path, registry),
    hint: (path: RecipePath, wrong: string) => keyHint(path, wrong, registry),
  }
  return parseRecipe(assigned(parseDraft(recipe, registry), assignments, keys), registry)
}

/** Keys that there are at a path, and the hint of a message about one that there is not. */
export interface AssignableKeys {
  known(path: readonly string[]): Iterable<string> | undefined
  hint(path: readonly string[], wrong: string): string
}

/** A copy of plain data with some values replaced. @throws ConfigError `config/override`, `config/unknown-key` as {@link override}. */
export function assigned(data: object, assignments: readonly string[], keys: AssignableKeys): Container {
  requireAgreement(assignments)
  const changed = structuredClone(data) as Container
  for (const assignment of assignments) assign(changed, assignment, keys)
  return changed
}

/** Refuse two values for one key: one of them would be dropped without a word. */
function requireAgreement(assignments: readonly string[]): void {
  const known = new Map<string, string>()
  for (const assignment of assignments) {
    const key = assignment.slice(0, Math.max(0, assignment.indexOf('=')))
    const other = known.get(key) ?? assignment
    if (other !== assignment) {
      const message = `${key} is set twice: ${other} and ${assignment}. Leave one of them out`
      throw new ConfigError('config/override', message, { key, assignments: [other, assignment] })
    }
    known.set(key, assignment)
  }
}

function assign(recipe: Container, assignment: string, known: AssignableKeys): void {
  const { keys, value } = readAssignment(assignment)
  let container = recipe
  for (const [depth, key] of keys.entries()) {
    requireKey(container, keys.slice(0, depth), key, known)
    const isLast = depth === keys.length - 1
    if (isLast) container[key] = value
    else container = container[key] = containerAt(container[key])
  }
}

/** The object or array at a place, or a new object where there is none. */
const containerAt = (value: unknown): Container =>
  typeof value === 'object' && value !== null ? (value as Container) : {}

function readAssignment(assignment: string): { keys: string[]; value: unknown } {
  const equals = assignment.indexOf('=')
  const keys = assignment.slice(0, Math.max(0, equals)).split('.')
  if (keys.every((key) => key !== '')) return { keys, value: readValue(assignment.slice(equals + 1)) }
  throw new ConfigError('config/override', `'${assignment}' is not of the form path.to.key=value`, {
    assignment,
  })
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function requireKey(
  container: Container,
  path: readonly string[],
  key: string,
  { known: knownAt, hint }: AssignableKeys,
): void {
  const place = [...path, key].join('.')
  if (Array.isArray(container)) {
    if (/^\d+$/.test(key) && Number(key) <= container.length) return
    const message = `${place}: ${path.join('.')} is a list of ${container.length}, whose keys are 0 to ${container.length}`
    throw new ConfigError('config/unknown-key', message, { key: place })
  }
  const found = knownAt(path)
  if (!found || [...found].includes(key)) return
  throw new ConfigError('config/unknown-key', `there is no key '${place}'${hint(path, key)}`, {
    key: place,
    known: [...found],
  })
}
