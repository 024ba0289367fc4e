import { z } from 'zod'
import { checkedParameters, range } from '../transform-parameters.ts'
import { type SettledPicture, settle } from './picture.ts'
import type { TransformKind } from './transform.ts'

const schema = z.strictObject({
  kind: z.literal('defocusBlur'),
  radius: range(0, 15).default([0, 2]),
})

/** Parameters of `defocusBlur`. */
export type DefocusBlur = z.output<typeof schema>

/**
 * Blur as a lens out of focus does: every point becomes a disc, its radius in pixels uniform in `radius` (default
 * 0 to 2; up to 15). The outermost pixels continue beyond the edges.
 */
export const defocusBlur = (options: { radius?: readonly [number, number] } = {}): DefocusBlur =>
  checkedParameters(schema, { kind: 'defocusBlur', ...options })

export const defocusBlurKind: TransformKind<DefocusBlur> = {
  schema,
  stage: 'color',
  enlarged: ({ radius, ...rest }, factor) => ({ ...rest, radius: [factor * radius[0], factor * radius[1]] }),
  apply(sample, parameters, random) {
    const picture = settle(sample.picture)
    const radius = random.uniform(parameters.radius[0], parameters.radius[1])
    return { ...sample, picture: { ...picture, colors: defocused(picture, radius) }, drawn: { radius } }
  },
}

/** A pixel of the disc with its share of the light. */
interface Tap {
  readonly x: number
  readonly y: number
  readonly weight: number
}

/** Disc with a rim that falls off over one pixel, so that discs grow smoothly; with radius 0 the image stays. */
function discOf(radius: number): Tap[] {
  const reach = Math.ceil(radius)
  const taps: Tap[] = []
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const weight = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x, y)))
      if (weight > 0) taps.push({ x, y, weight })
    }
  }
  const total = taps.reduce((sum, { weight }) => sum + weight, 0)
  return taps.map((tap) => ({ ...tap, weight: tap.weight / total }))
}

/** Colours with every point spread over a disc of `radius` pixels. */
export function defocused({ colors, width, height }: SettledPicture, radius: number): Float32Array {
  const out = new Float32Array(colors.length)
  for (const { x, y, weight } of discOf(radius)) {
    for (let line = 0; line < 3 * height; line++) {
      const row = line % height
      const from = (line - row + Math.min(height - 1, Math.max(0, row + y))) * width
      for (let column = 0; column < width; column++) {
        const shifted = Math.min(width - 1, Math.max(0, column + x))
        out[line * width + column]! += weight * colors[from + shifted]!
      }
    }
  }
  return out
}
