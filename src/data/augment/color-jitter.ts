import { z } from 'zod'
import type { Random } from '../../core/index.ts'
import { checkedParameters, upTo } from '../transform-parameters.ts'
import { namesHue } from './caption-words.ts'
import { brighten, contrast, rotateHue, saturate } from './color-operations.ts'
import { settle } from './picture.ts'
import type { TransformKind } from './transform.ts'

const schema = z.strictObject({
  kind: z.literal('colorJitter'),
  brightness: upTo(1).default(0.2),
  contrast: upTo(1).default(0.2),
  saturation: upTo(1).default(0.2),
  hue: upTo(0.5).default(0.1),
})

/** Parameters of `colorJitter`. */
export type ColorJitter = z.output<typeof schema>

/**
 * Change brightness, contrast and saturation by factors uniform in 1 ± each (default 0.2; up to 1) and turn the
 * hue by an amount uniform in ± `hue` (default 0.1, in turns of the colour wheel; up to 0.5), in random order,
 * as torchvision's `ColorJitter`. The hue stays where the caption names it ("a red cup").
 */
export const colorJitter = (
  options: { brightness?: number; contrast?: number; saturation?: number; hue?: number } = {},
): ColorJitter => checkedParameters(schema, { kind: 'colorJitter', ...options })

export const colorJitterKind: TransformKind<ColorJitter> = {
  schema,
  stage: 'color',
  apply(sample, parameters, random) {
    const picture = settle(sample.picture)
    const planes = picture.colors
    const keepsHue = namesHue(sample.caption)
    const inOrder = random
      .shuffle(changes(parameters, random))
      .filter(({ name }) => !(keepsHue && name === 'hue'))
    for (const { operation, amount } of inOrder) operation(planes, amount)
    const drawn = Object.fromEntries(inOrder.map(({ name, amount }) => [name, amount]))
    return { ...sample, picture, drawn }
  },
}

function changes({ brightness, contrast: contrastRange, saturation, hue }: ColorJitter, random: Random) {
  return [
    { name: 'brightness', operation: brighten, amount: random.uniform(1 - brightness, 1 + brightness) },
    { name: 'contrast', operation: contrast, amount: random.uniform(1 - contrastRange, 1 + contrastRange) },
    { name: 'saturation', operation: saturate, amount: random.uniform(1 - saturation, 1 + saturation) },
    { name: 'hue', operation: rotateHue, amount: random.uniform(-hue, hue) },
  ]
}
