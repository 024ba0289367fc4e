import { z } from 'zod'
import { checkedParameters, probability } from '../transform-parameters.ts'
import { namesHue } from './caption-words.ts'
import { saturate } from './color-operations.ts'
import { settle } from './picture.ts'
import type { TransformKind } from './transform.ts'

const schema = z.strictObject({
  kind: z.literal('randomGrayscale'),
  probability: probability.default(0.1),
})

/** Parameters of `randomGrayscale`. */
export type RandomGrayscale = z.output<typeof schema>

/** Take the colour away, with `probability` (default 0.1), unless the caption names a hue. */
export const randomGrayscale = (options: { probability?: number } = {}): RandomGrayscale =>
  checkedParameters(schema, { kind: 'randomGrayscale', ...options })

export const randomGrayscaleKind: TransformKind<RandomGrayscale> = {
  schema,
  stage: 'color',
  apply(sample, parameters, random) {
    if (!random.chance(parameters.probability) || namesHue(sample.caption)) return sample
    const picture = settle(sample.picture)
    saturate(picture.colors, 0)
    return { ...sample, picture, drawn: {} }
  },
}
