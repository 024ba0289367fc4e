import { z } from 'zod'
import { checkedParameters } from '../transform-parameters.ts'
import { settle } from './picture.ts'
import type { TransformKind } from './transform.ts'

const perChannel = (values: z.ZodType<number>) => z.tuple([values, values, values]).readonly()

/** Mean and standard deviation of red, green and blue in [0, 1]. */
export interface ChannelStatistics {
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/** Statistics of ImageNet's training images. */
export const imageNetStatistics: ChannelStatistics = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
}

/** Statistics of CLIP's training images (Radford et al. 2021). */
export const clipStatistics: ChannelStatistics = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
}

const schema = z.strictObject({
  kind: z.literal('normalize'),
  mean: perChannel(z.number()).default(imageNetStatistics.mean),
  std: perChannel(z.number().positive()).default(imageNetStatistics.std),
})

/** Parameters of `normalize`. */
export type Normalize = z.output<typeof schema>

/**
 * Normalization `(colour − mean) / std` for each channel, by default with ImageNet's statistics. Stands last in a list.
 */
export const normalize = (statistics: ChannelStatistics = imageNetStatistics): Normalize =>
  checkedParameters(schema, { kind: 'normalize', ...statistics })

export const normalizeKind: TransformKind<Normalize> = {
  schema,
  stage: 'normalize',
  apply(sample, { mean, std }) {
    const picture = settle(sample.picture)
    normalizePlanes(picture.colors, { mean, std })
    return { ...sample, picture, drawn: {} }
  },
}

/** Compute `(colour − mean) / std` for each channel of [3, height, width], in place. */
export function normalizePlanes(planes: Float32Array, { mean, std }: ChannelStatistics): void {
  const area = planes.length / 3
  for (let c = 0; c < 3; c++) {
    const [shift, scale] = [mean[c]!, 1 / std[c]!]
    for (let i = c * area; i < (c + 1) * area; i++) planes[i] = (planes[i]! - shift) * scale
  }
}
