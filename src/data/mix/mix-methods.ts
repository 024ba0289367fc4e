import { z } from 'zod'
import { checkedParameters, probability, unknownTransform } from '../transform-parameters.ts'

const shape = z.number().min(0.01).max(100)

const mixUpSchema = z.strictObject({
  kind: z.literal('mixUp'),
  alpha: shape.default(0.2),
  probability: probability.default(1),
})

const cutMixSchema = z.strictObject({
  kind: z.literal('cutMix'),
  alpha: shape.default(1),
  probability: probability.default(1),
})

/** Parameters of `mixUp`. */
export type MixUp = z.output<typeof mixUpSchema>

/** Parameters of `cutMix`. */
export type CutMix = z.output<typeof cutMixSchema>

/** A way to mix the samples of a batch, with its parameters: plain data. */
export type MixMethod = MixUp | CutMix

/**
 * Lay two samples over each other (Zhang et al. 2018): λ · one + (1 − λ) · the other, λ from Beta(`alpha`, `alpha`),
 * drawn for each sample independently; `alpha` 0.01 to 100, default 0.2. A batch is mixed with `probability` (default
 * 1).
 */
export const mixUp = (options: { alpha?: number; probability?: number } = {}): MixUp =>
  checkedParameters(mixUpSchema, { kind: 'mixUp', ...options })

/**
 * Paste a rectangle of one sample into another (Yun et al. 2019): of the area 1 − λ, λ from Beta(`alpha`, `alpha`), its
 * middle anywhere, cut off at the edges; then λ is the fraction that is left of the sample. `alpha` 0.01 to 100,
 * default 1.
 */
export const cutMix = (options: { alpha?: number; probability?: number } = {}): CutMix =>
  checkedParameters(cutMixSchema, { kind: 'cutMix', ...options })

const schemas = { mixUp: mixUpSchema, cutMix: cutMixSchema } as const

/**
 * A list of mixing methods from untrusted data, as in a recipe: names, keys and ranges checked, defaults filled in.
 * @throws ConfigError `augment/unknown` or `augment/parameters`, with the nearest name.
 */
export const mixMethods = (list: readonly { readonly kind: string }[]): MixMethod[] =>
  list.map((value) => {
    const names = Object.keys(schemas)
    if (names.includes(value.kind)) {
      const schema: z.ZodType<MixMethod> = schemas[value.kind as MixMethod['kind']]
      return checkedParameters(schema, value)
    }
    throw unknownTransform(value, 'way to mix', names)
  })
