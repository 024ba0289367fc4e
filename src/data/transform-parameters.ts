import { z } from 'zod'
import { ConfigError, didYouMean } from '../core/index.ts'
import { usesEarlierKey } from './kind-key.ts'

/** Schema of a probability in [0, 1]. */
export const probability = z.number().min(0).max(1)

/** Schema of two numbers within [low, high], the smaller first. */
export const range = (low: number, high: number) =>
  z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([from, to]) => from <= to, 'the smaller number comes first')
    .readonly()

/** Schema of a number in [0, most] that stands for the range from −number to number, or a similar one. */
export const upTo = (most: number) => z.number().min(0).max(most)

/**
 * The parameters of a transform, with defaults filled in.
 * @throws ConfigError `augment/parameters`, with the name of the parameter, what is wrong and the nearest key.
 */
export function checkedParameters<P, V extends { readonly kind: string }>(schema: z.ZodType<P>, value: V): P {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const path = [value.kind, ...issue.path].join('.')
  const hint = issue.code === 'unrecognized_keys' ? nearestKey(schema, issue.keys[0]!) : ''
  throw new ConfigError('augment/parameters', `${path}: ${issue.message}${hint}`, { path, value })
}

/** Error about a transform whose `kind` is none of `known`. */
export function unknownTransform(
  value: { readonly kind: string },
  what: string,
  known: readonly string[],
): ConfigError {
  const facts = { transform: value.kind }
  if (usesEarlierKey(value, 'transform'))
    return new ConfigError('augment/unknown', '"transform" is now "kind"; rename the key', facts)
  const message = `there is no ${what} "${value.kind}"${didYouMean(value.kind, known)}`
  return new ConfigError('augment/unknown', message, facts)
}

function nearestKey(schema: z.ZodType, wanted: string): string {
  return schema instanceof z.ZodObject ? didYouMean(wanted, Object.keys(schema.shape)) : ''
}
