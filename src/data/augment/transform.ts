import { z } from 'zod'
import { ConfigError, nearestName, type Random } from '../../core/index.ts'
import type { Picture } from './picture.ts'

/**
 * A sample on its way through transforms. What moves the picture moves what is said about it: a transform
 * returns both, or leaves the sample alone where its words could not follow.
 */
export interface AugmentedSample {
  readonly picture: Picture
  readonly caption: string
}

/**
 * One kind of transform. `P` are its parameters, plain data under the name of the transform: they cross to
 * worker threads and stand in `recipe.json`.
 */
export interface TransformKind<P> {
  readonly schema: z.ZodType<P>
  /** A pure function of its arguments; every random number comes from `random`. */
  apply(sample: AugmentedSample, parameters: P, random: Random): AugmentedSample
  /** `geometry` moves pixels, `background` acts on transparency, `color` on colours, `normalize` ends a list. */
  readonly stage: 'geometry' | 'background' | 'color' | 'normalize'
}

/** A probability in [0, 1]. */
export const probability = z.number().min(0).max(1)

/** Two numbers within [low, high], the smaller first. */
export const range = (low: number, high: number) =>
  z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([from, to]) => from <= to, 'the smaller number comes first')
    .readonly()

/** Side of a square in pixels. */
export const side = z.int().min(1).max(4096)

/**
 * The parameters of a transform, with defaults filled in.
 * @throws ConfigError `augment/parameters`, with the name, the range and the nearest known key.
 */
export function checked<P, V extends { transform: string }>(schema: z.ZodType<P>, value: V): P {
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
