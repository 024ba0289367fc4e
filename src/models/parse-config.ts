import type { z } from 'zod'
import { ConfigError } from '../core/index.ts'

/**
 * The config of a model from its parts.
 * @throws ConfigError `model/config` naming each key that does not fit.
 */
export function parseConfig<Config>(schema: z.ZodType<Config>, parts: unknown): Config {
  const { success, data, error } = schema.safeParse(parts)
  if (success) return data
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new ConfigError('model/config', problems.join('; '), { problems }, { cause: error })
}
