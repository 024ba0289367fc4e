import { z } from 'zod'
import { ConfigError, nearestName, type Random } from '../../core/index.ts'

/** One kind of text transform. `P` are its parameters: plain data under the name of the transform. */
export interface TextTransformKind<P> {
  readonly schema: z.ZodType<P>
  /** A pure function of its arguments; every random number comes from `random`. */
  apply(text: string, parameters: P, random: Random): string
}

/** A probability in [0, 1]. */
export const probability = z.number().min(0).max(1)

/**
 * The parameters of a transform, with defaults filled in.
 * @throws ConfigError `augment/parameters`, with the name of the parameter, what is wrong and the nearest key.
 */
export function checkedParameters<P>(schema: z.ZodType<P>, value: { readonly transform: string }): P {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const path = [value.transform, ...issue.path].join('.')
  const hint = issue.code === 'unrecognized_keys' ? nearestKey(schema, issue.keys[0]!) : ''
  throw new ConfigError('augment/parameters', `${path}: ${issue.message}${hint}`, { path, value })
}

function nearestKey(schema: z.ZodType, wanted: string): string {
  const nearest = schema instanceof z.ZodObject ? nearestName(wanted, Object.keys(schema.shape)) : undefined
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`
}
