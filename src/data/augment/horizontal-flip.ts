import { z } from 'zod'
import { swapLeftRight } from '../text/swap-left-right.ts'
import { checkedParameters, probability } from '../transform-parameters.ts'
import { warp } from './picture.ts'
import type { TransformKind } from './transform.ts'

const schema = z.strictObject({
  kind: z.literal('horizontalFlip'),
  probability: probability.default(0.5),
})

/** Parameters of `horizontalFlip`. */
export type HorizontalFlip = z.output<typeof schema>

/**
 * Mirror left and right, with `probability` (default 0.5), in the image and in the caption: "left" becomes "right",
 * "clockwise" becomes "counterclockwise". Positions and poses are mirrored too, for a camera in the robot's plane of
 * symmetry.
 */
export const horizontalFlip = (options: { probability?: number } = {}): HorizontalFlip =>
  checkedParameters(schema, { kind: 'horizontalFlip', ...options })

export const horizontalFlipKind: TransformKind<HorizontalFlip> = {
  schema,
  stage: 'geometry',
  moves: ({ probability }) => (probability > 0 ? 'mirrored' : 'not at all'),
  apply(sample, parameters, random) {
    if (!random.chance(parameters.probability)) return sample
    const { width, height } = sample.picture
    return {
      ...sample,
      picture: warp(sample.picture, [-1, 0, width, 0, 1, 0], width, height),
      caption: swapLeftRight(sample.caption),
      drawn: {},
    }
  },
}
