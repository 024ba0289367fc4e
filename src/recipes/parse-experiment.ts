import type { z } from 'zod'
import { ConfigError } from '../core/index.ts'
import { type ConfigPath, keyHint, knownKeys } from './config-keys.ts'
import { type Experiment, experiment } from './experiment.ts'

/**
 * A recipe checked, with every default filled in; parsing it again changes nothing.
 * @throws ConfigError `config/experiment` that names every wrong key and the nearest right one; for optimizers,
 * schedules and transforms the errors of their rooms.
 */
export function parseExperiment(input: unknown): Experiment {
  const result = experiment.safeParse(input)
  const problems = result.success
    ? // Files of Hugging Face may have more keys, which the model's schema lets pass; a recipe may not.
      unknownKeys((input as { model: unknown }).model, ['model'])
    : result.error.issues.flatMap(problemsOf)
  if (result.success && problems.length === 0) return result.data
  const list = problems.map((problem) => `\n  ${problem}`).join('')
  throw new ConfigError('config/experiment', `this recipe is not valid:${list}`, { problems })
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue.path, key))
  if (issue.code === 'custom' && issue.params?.renamed !== undefined) {
    const now = [...issue.path.slice(0, -1), issue.params.renamed]
    return [`${issue.path.join('.')} is now ${now.join('.')}`]
  }
  return [issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message]
}

const unknownKey = (path: ConfigPath, key: string): string =>
  `${[...path, key].join('.')}: there is no such key${keyHint(path, key)}`

/** The keys in `value` and below that the schema does not know. */
function unknownKeys(value: unknown, path: ConfigPath): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((inner, i) => unknownKeys(inner, [...path, i]))
  const known = knownKeys(path)
  return Object.entries(value).flatMap(([key, inner]) => {
    if (known && !known.includes(key)) return [unknownKey(path, key)]
    return unknownKeys(inner, [...path, key])
  })
}
