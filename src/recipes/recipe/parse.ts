import type { z } from 'zod'
import { ConfigError, didYouMean } from '../../core/index.ts'
import { keyHint } from './key-hint.ts'
import { knownKeys, type RecipePath } from './keys.ts'
import { builtIn, type Registry } from './registry.ts'
import { renamedKeys } from './renamed-keys.ts'
import { draftSchema, type Recipe, recipeSchema } from './schema.ts'
import { takeFromBase } from './take-from-base.ts'

/**
 * Check a recipe and fill in every default, and from its base what it leaves out; a second pass changes nothing.
 * @param registry Families and objectives that the recipe may name. Default: the built-in ones.
 * @throws ConfigError `config/recipe` that names every wrong key and the nearest right one; for optimizers,
 * schedules and transforms the errors of their rooms. Errors of {@link takeFromBase}.
 */
export function parseRecipe(input: unknown, registry: Registry = builtIn): Recipe {
  refuse(renamedKeys(input))
  const missing = missingModel(input)
  if (missing.length > 0) checked(draftSchema(registry), input, registry)
  refuse(missing)
  return parseStoredRecipe(takeFromBase(input, registry), registry)
}

/** Check a recipe that a run has stored. It lacks nothing, so that its base is not read and need not be there. */
export function parseStoredRecipe(input: unknown, registry: Registry = builtIn): Recipe {
  const recipe = checked(recipeSchema(registry), input, registry)
  // Files of Hugging Face may have more keys, which the model's schema lets pass; a recipe may not.
  refuse(unknownKeys((input as { model: unknown }).model, ['model'], registry))
  return recipe
}

/** Check a recipe that `--set` is to finish, as plain data. @throws ConfigError of {@link parseRecipe}. */
export function parseDraft(input: unknown, registry: Registry = builtIn): Record<string, unknown> {
  refuse(renamedKeys(input))
  return checked(draftSchema(registry), input, registry)
}

function checked<Output>(schema: z.ZodType<Output>, input: unknown, registry: Registry): Output {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, input, registry))
  throw refusal(problems)
}

/** Problem of a recipe with neither a model nor a base that could give it. */
function missingModel(input: unknown): string[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return []
  if ('base' in input && input.base !== undefined) return []
  if ('model' in input && input.model !== undefined) return []
  return [
    "model: name a model, or the base that gives it: --set base=FOLDER, a CLIP or SigLIP folder of Hugging Face's, a " +
      'bundle or a run',
  ]
}

/** @throws ConfigError `config/recipe` where there are problems. */
function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw refusal(problems)
}

function refusal(problems: readonly string[]): ConfigError {
  const list = problems.map((problem) => `\n  ${problem}`).join('')
  return new ConfigError('config/recipe', `this recipe is not valid:${list}`, { problems })
}

function problemsOf(issue: z.core.$ZodIssue, input: unknown, registry: Registry): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey(issue.path, key, registry))
  if (issue.code === 'custom' && issue.params?.renamed !== undefined) {
    const now = [...issue.path.slice(0, -1), issue.params.renamed]
    return [`${issue.path.join('.')} is now ${now.join('.')}`]
  }
  if (issue.code === 'invalid_union' && 'options' in issue && issue.options !== undefined) {
    const kind = issue.path.reduce<unknown>((value, key) => Reflect.get(value as object, key), input)
    if (kind !== undefined)
      return [
        `${issue.path.join('.')}: there is no '${kind}'${didYouMean(String(kind), issue.options.map(String))}`,
      ]
  }
  return [issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message]
}

const unknownKey = (path: RecipePath, key: string, registry: Registry): string =>
  `${[...path, key].join('.')}: there is no such key${keyHint(path, key, registry)}`

/** The unknown keys in `value` and below. */
function unknownKeys(value: unknown, path: RecipePath, registry: Registry): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((inner, i) => unknownKeys(inner, [...path, i], registry))
  const known = knownKeys(path, registry)
  return Object.entries(value).flatMap(([key, inner]) => {
    if (known && !known.includes(key)) return [unknownKey(path, key, registry)]
    return unknownKeys(inner, [...path, key], registry)
  })
}
