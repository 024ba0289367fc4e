import { z } from 'zod'
import { checkedParameters, range, upTo } from '../transform-parameters.ts'
import { settle } from './picture.ts'
import type { TransformKind } from './transform.ts'

const schema = z.strictObject({
  kind: z.literal('lightDirection'),
  degrees: upTo(180).default(180),
  strength: range(0, 1).default([0, 0.5]),
})

/** Parameters of `lightDirection`. */
export type LightDirection = z.output<typeof schema>

/**
 * Shade an image as if light fell on it from one side. Colours are multiplied by 1 + strength · s; s goes from −1 at
 * the far end to 1 at the side of the light. The side is uniform in ±`degrees` (default 180; 0 is from the right, 90
 * from above), `strength` uniform in its range (default 0 to 0.5). Domain randomization for real photographs, whose
 * lights cannot be moved.
 */
export const lightDirection = (
  options: { degrees?: number; strength?: readonly [number, number] } = {},
): LightDirection => checkedParameters(schema, { kind: 'lightDirection', ...options })

export const lightDirectionKind: TransformKind<LightDirection> = {
  schema,
  stage: 'color',
  apply(sample, { degrees, strength }, random) {
    const picture = settle(sample.picture)
    const drawn = {
      degrees: random.uniform(-degrees, degrees),
      strength: random.uniform(strength[0], strength[1]),
    }
    shade(picture.colors, picture, drawn)
    return { ...sample, picture, drawn }
  },
}

function shade(
  planes: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  { degrees, strength }: { readonly degrees: number; readonly strength: number },
): void {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  const farthest = (Math.abs(cos) * (width - 1)) / 2 + (Math.abs(sin) * (height - 1)) / 2 || 1
  for (let i = 0; i < planes.length; i++) {
    const x = (i % width) - (width - 1) / 2
    const y = (height - 1) / 2 - (Math.floor(i / width) % height)
    const factor = 1 + (strength * (cos * x + sin * y)) / farthest
    planes[i] = Math.min(1, planes[i]! * factor)
  }
}
