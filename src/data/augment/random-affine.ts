import { z } from 'zod'
import type { Random } from '../../core/index.ts'
import { checkedParameters, range, upTo } from '../transform-parameters.ts'
import { aboutCenter } from './affine.ts'
import { namesDirection } from './caption-words.ts'
import { warp } from './picture.ts'
import type { AugmentedSample, TransformKind } from './transform.ts'

/** Angle in degrees beyond which left, right, up and down of the caption no longer hold. */
const farTurn = 45

const rotationSchema = z.strictObject({
  kind: z.literal('rotation'),
  degrees: upTo(180).default(10),
})

/** Parameters of `rotation`. */
export type Rotation = z.output<typeof rotationSchema>

/**
 * Turn about the centre by an angle uniform in ±`degrees` (default 10; positive is counter-clockwise), size
 * kept, corners filled with the background. With more than 45° images whose caption says left, right, up or
 * down are left alone.
 */
export const rotation = (degrees?: number): Rotation =>
  checkedParameters(rotationSchema, { kind: 'rotation', degrees })

export const rotationKind: TransformKind<Rotation> = {
  schema: rotationSchema,
  stage: 'geometry',
  moves: ({ degrees }) => (degrees > 0 ? 'freely' : 'not at all'),
  apply(sample, { degrees }, random) {
    const moved = move(sample, { degrees, translate: 0, scale: [1, 1], shear: 0 }, random)
    return {
      ...moved,
      drawn: moved.drawn?.degrees === undefined ? undefined : { degrees: moved.drawn.degrees },
    }
  },
}

const randomAffineSchema = z.strictObject({
  kind: z.literal('randomAffine'),
  degrees: upTo(180).default(0),
  translate: upTo(1).default(0),
  scale: range(0.05, 20).default([1, 1]),
  shear: upTo(80).default(0),
})

/** Parameters of `randomAffine`. */
export type RandomAffine = z.output<typeof randomAffineSchema>

/**
 * Turn by ±`degrees` as `rotation` does, enlarge by a factor uniform in `scale`, slant horizontally by an angle in
 * ±`shear` degrees, move by up to ±`translate` (fraction of the sides). Each is off by default.
 */
export const randomAffine = (options: {
  degrees?: number
  translate?: number
  scale?: readonly [number, number]
  shear?: number
}): RandomAffine => checkedParameters(randomAffineSchema, { kind: 'randomAffine', ...options })

export const randomAffineKind: TransformKind<RandomAffine> = {
  schema: randomAffineSchema,
  stage: 'geometry',
  moves: () => 'freely',
  apply: move,
}

function move(
  sample: AugmentedSample,
  { degrees, translate, scale, shear }: Omit<RandomAffine, 'kind'>,
  random: Random,
): AugmentedSample {
  const { picture, caption } = sample
  if (degrees > farTurn && namesDirection(caption)) return sample
  const { width, height } = picture
  const drawn = {
    degrees: random.uniform(-degrees, degrees),
    shear: random.uniform(-shear, shear),
    scale: random.uniform(scale[0], scale[1]),
    right: random.uniform(-translate, translate) * width,
    down: random.uniform(-translate, translate) * height,
  }
  const [angle, slant] = [radians(drawn.degrees), Math.tan(radians(drawn.shear))]
  // The map leads from the output back to the source: y points down, so this turns the picture to the left.
  const [cos, sin] = [Math.cos(angle) / drawn.scale, Math.sin(angle) / drawn.scale]
  const turned = [cos - slant * sin, -sin - slant * cos, sin, cos] as const
  const back = aboutCenter(width, height, turned)
  const turnedPicture = warp(picture, back, width, height)
  const moved = warp(turnedPicture, [1, 0, -drawn.right, 0, 1, -drawn.down], width, height)
  return { ...sample, picture: moved, drawn }
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180
