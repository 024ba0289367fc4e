import { z } from 'zod'
import type { Color, Rectangle } from '../images/index.ts'
import { checkedParameters, probability, range } from '../transform-parameters.ts'
import { hide, settle } from './picture.ts'
import { drawRectangle } from './random-rectangle.ts'
import type { TransformKind } from './transform.ts'

const schema = z.strictObject({
  kind: z.literal('randomErasing'),
  probability: probability.default(0.5),
  scale: range(0.001, 1).default([0.02, 1 / 3]),
  ratio: range(0.05, 20).default([0.3, 10 / 3]),
})

/** Parameters of `randomErasing`. */
export type RandomErasing = z.output<typeof schema>

/**
 * Paint a random rectangle with one random colour, with `probability` (default 0.5): its area uniform in `scale`
 * (fractions of the image, default 0.02 to 1/3), its aspect log-uniform in `ratio` (default 0.3 to 10/3); drawn up to
 * ten times until it fits (Zhong et al. 2020, who fill each pixel by itself). Boxes and points that it hides are
 * absent.
 */
export const randomErasing = (
  options: {
    probability?: number
    scale?: readonly [number, number]
    ratio?: readonly [number, number]
  } = {},
): RandomErasing => checkedParameters(schema, { kind: 'randomErasing', ...options })

export const randomErasingKind: TransformKind<RandomErasing> = {
  schema,
  stage: 'color',
  apply(sample, parameters, random) {
    if (!random.chance(parameters.probability)) return sample
    const rectangle = drawRectangle(sample.picture, parameters, random)
    if (rectangle === undefined) return sample
    const picture = settle(sample.picture)
    paint(picture.colors, picture.width, rectangle, [random.uniform(), random.uniform(), random.uniform()])
    return { ...sample, picture: hide(picture, rectangle), drawn: { ...rectangle } }
  },
}

/** Paint a rectangle, its edges rounded to whole pixels. */
export function paint(planes: Float32Array, width: number, rectangle: Rectangle, color: Color): void {
  const area = planes.length / 3
  const left = Math.round(rectangle.left)
  const right = Math.round(rectangle.left + rectangle.width)
  const bottom = Math.round(rectangle.top + rectangle.height)
  for (let c = 0; c < 3; c++) {
    for (let row = Math.round(rectangle.top); row < bottom; row++) {
      const start = c * area + row * width
      planes.fill(color[c]!, start + left, start + right)
    }
  }
}
