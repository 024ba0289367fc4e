import { z } from 'zod'
import { checkedParameters, probability, range } from '../transform-parameters.ts'
import { settle } from './picture.ts'
import type { TransformKind } from './transform.ts'

const schema = z.strictObject({
  kind: z.literal('gaussianBlur'),
  kernel: z
    .int()
    .min(3)
    .max(31)
    .refine((size) => size % 2 === 1, 'an odd number')
    .default(3),
  sigma: range(0.01, 100).default([0.1, 2]),
  probability: probability.default(1),
})

/** Parameters of `gaussianBlur`. */
export type GaussianBlur = z.output<typeof schema>

/**
 * Blur with a Gaussian cut to `kernel` × `kernel` pixels (odd; default 3), its deviation in pixels uniform in
 * `sigma` (default 0.1 to 2), with `probability` (default 1). Mirrored beyond the edges, as torchvision's.
 */
export const gaussianBlur = (
  options: { kernel?: number; sigma?: readonly [number, number]; probability?: number } = {},
): GaussianBlur => checkedParameters(schema, { kind: 'gaussianBlur', ...options })

export const gaussianBlurKind: TransformKind<GaussianBlur> = {
  schema,
  stage: 'color',
  enlarged: ({ kernel, sigma, ...rest }, factor) => ({
    ...rest,
    kernel: 1 + 2 * Math.max(1, Math.round((factor * (kernel - 1)) / 2)),
    sigma: [factor * sigma[0], factor * sigma[1]],
  }),
  apply(sample, { kernel, sigma, probability }, random) {
    if (!random.chance(probability)) return sample
    const picture = settle(sample.picture)
    const drawn = { sigma: random.uniform(sigma[0], sigma[1]) }
    convolveGaussian(picture.colors, picture, { kernel, ...drawn })
    return { ...sample, picture, drawn }
  },
}

/** Blur planes in place with weights of one deviation. */
export function convolveGaussian(
  planes: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  { kernel, sigma }: { readonly kernel: number; readonly sigma: number },
): void {
  const weights = gaussian(kernel, sigma)
  const across = new Float32Array(planes.length)
  blurAlong(planes, across, { step: 1, length: width }, weights)
  blurAlong(across, planes, { step: width, length: height }, weights)
}

/** Weights at −radius … radius, their sum 1. */
function gaussian(kernel: number, sigma: number): Float32Array {
  const radius = (kernel - 1) / 2
  const weights = Float32Array.from({ length: kernel }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

/** An axis of [3, height, width]: the distance between neighbours and their number. */
interface Axis {
  readonly step: number
  readonly length: number
}

/** Blur along one axis. The window is symmetric: two neighbours share each weight. */
function blurAlong(from: Float32Array, to: Float32Array, axis: Axis, weights: Float32Array): void {
  const radius = (weights.length - 1) / 2
  const middle = weights[radius]!
  for (let i = 0; i < from.length; i++) to[i] = middle * from[i]!
  for (let k = 1; k <= radius; k++) {
    const weight = weights[radius + k]!
    const away = k * axis.step
    for (let i = away; i < from.length - away; i++) to[i]! += weight * (from[i - away]! + from[i + away]!)
  }
  blurEnds(from, to, axis, weights)
}

/** Blur the ends of each line, where the window reaches beyond it: mirrored about the outermost pixel. */
function blurEnds(from: Float32Array, to: Float32Array, { step, length }: Axis, weights: Float32Array): void {
  const radius = (weights.length - 1) / 2
  const last = length - 1
  const ends = Array.from({ length }, (_, at) => at).filter((at) => at < radius || at > last - radius)
  for (let line = 0; line < from.length / length; line++) {
    const start = Math.floor(line / step) * step * length + (line % step)
    for (const at of ends) {
      let sum = 0
      for (let k = -radius; k <= radius; k++) {
        const mirrored = Math.max(0, last - Math.abs(last - Math.abs(at + k)))
        sum += weights[radius + k]! * from[start + mirrored * step]!
      }
      to[start + at * step] = sum
    }
  }
}
