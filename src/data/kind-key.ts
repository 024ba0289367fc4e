import { z } from 'zod'

/** Keys that stood where sources, transforms and samplers have their `kind` now. */
export const earlierKeys = ['source', 'transform', 'sampler'] as const

export type EarlierKey = (typeof earlierKeys)[number]

/** Test for a value with an earlier key in place of `kind`. */
export const usesEarlierKey = (value: unknown, earlier: EarlierKey): boolean =>
  typeof value === 'object' && value !== null && earlier in value && !('kind' in value)

/**
 * A schema of objects that are told apart by their `kind`. An object with the earlier key instead is refused by one
 * issue at that key; its `params.renamed` is the new key, so that a parser can print the whole path of both.
 */
export const withKind = <Schema extends z.ZodType>(earlier: EarlierKey, schema: Schema) =>
  z.preprocess((value, context) => {
    if (usesEarlierKey(value, earlier)) {
      const message = `"${earlier}" is now "kind"`
      context.addIssue({ code: 'custom', path: [earlier], message, params: { renamed: 'kind' } })
    }
    return value
  }, schema) as unknown as z.ZodType<z.output<Schema>, z.input<Schema>>
