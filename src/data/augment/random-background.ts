import { z } from 'zod'
import type { Color } from '../images/index.ts'
import { checkedParameters, probability } from '../transform-parameters.ts'
import type { TransformKind } from './transform.ts'

const schema = z.strictObject({
  kind: z.literal('randomBackground'),
  probability: probability.default(0.5),
})

/** Parameters of `randomBackground`. */
export type RandomBackground = z.output<typeof schema>

/**
 * Lay transparency on one colour, uniform among all, with `probability` (default 0.5); otherwise on the loader's
 * background. The colour also fills corners that rotation uncovers. Stands before transforms of colour.
 */
export const randomBackground = (options: { probability?: number } = {}): RandomBackground =>
  checkedParameters(schema, { kind: 'randomBackground', ...options })

export const randomBackgroundKind: TransformKind<RandomBackground> = {
  schema,
  stage: 'background',
  apply(sample, parameters, random) {
    if (!random.chance(parameters.probability)) return sample
    const background: Color = [random.uniform(), random.uniform(), random.uniform()]
    const drawn = { color: background.map((part) => part.toFixed(2)).join(' ') }
    return { ...sample, picture: { ...sample.picture, background }, drawn }
  },
}
