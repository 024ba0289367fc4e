import { z } from 'zod'
import { mirrorWords } from './caption-words.ts'
import { warp } from './picture.ts'
import { checked, probability, type TransformKind } from './transform.ts'

const schema = z.strictObject({
  transform: z.literal('horizontalFlip'),
  probability: probability.default(0.5),
})

/** Parameters of `horizontalFlip`. */
export type HorizontalFlip = z.output<typeof schema>

/**
 * Mirror left and right, with `probability` (default 0.5). The caption is mirrored too: "left" becomes
 * "right", "clockwise" becomes "counterclockwise".
 */
export const horizontalFlip = (options: { probability?: number } = {}): HorizontalFlip =>
  checked(schema, { transform: 'horizontalFlip', ...options })

export const horizontalFlipKind: TransformKind<HorizontalFlip> = {
  schema,
  stage: 'geometry',
  apply({ picture, caption }, parameters, random) {
    if (!random.chance(parameters.probability)) return { picture, caption }
    const { width, height } = picture
    return {
      picture: warp(picture, [-1, 0, width, 0, 1, 0], width, height),
      caption: mirrorWords(caption),
    }
  },
}
