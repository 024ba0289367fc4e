import type { z } from 'zod'
import { ConfigError } from '../../core/index.ts'

/**
 * The parameters of a sampler, with defaults filled in.
 * @throws ConfigError `data/sampler` that names the parameter and what is wrong.
 */
export function checkedSampler<P>(schema: z.ZodType<P>, value: { readonly kind: string }): P {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const path = [value.kind, ...issue.path].join('.')
  throw new ConfigError('data/sampler', `${path}: ${issue.message}`, { path, value })
}
