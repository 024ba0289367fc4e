import { z } from 'zod'
import type { Random } from '../../core/index.ts'
import { checkedParameters } from '../transform-parameters.ts'
import { defocused } from './defocus-blur.ts'
import { throughJpeg } from './jpeg.ts'
import { type SettledPicture, settle } from './picture.ts'
import { paint } from './random-erasing.ts'
import type { TransformKind } from './transform.ts'

/** Names of the corruptions. */
export const corruptionNames = ['blur', 'jpeg', 'brightness', 'contrast', 'occlusion'] as const

export type CorruptionName = (typeof corruptionNames)[number]

const schema = z.strictObject({
  kind: z.literal('corruption'),
  name: z.enum(corruptionNames),
  severity: z.int().min(1).max(5),
})

/** Parameters of `corruption`. */
export type Corruption = z.output<typeof schema>

/**
 * Spoil an image in one of the ways of ImageNet-C (Hendrycks & Dietterich 2019), at a severity from 1 to 5 with its constants:
 *
 * - `blur`: out of focus, every point a disc (as of `defocusBlur`) of radius 3, 4, 6, 8, 10 pixels of 224; of another image as
 *   many 224ths of its shorter side, which at 64 pixels are about the radii of Tiny ImageNet-C.
 * - `jpeg`: stored and read again at quality 25, 18, 15, 10, 7, in blocks of 8 × 8 pixels whatever the image's size.
 * - `brightness`: the value of HSV, the largest of red, green and blue, raised by 0.1, 0.2, 0.3, 0.4, 0.5; hue and saturation stay.
 * - `contrast`: the distance of every colour from its mean over the image times 0.4, 0.3, 0.2, 0.1, 0.05.
 * - `occlusion` (not of ImageNet-C): a grey square over 10, 20, 30, 40, 50 % of the shorter side's square, its place random; with
 *   equal draws a larger square covers a smaller one. Labels stay: answers are asked of what is hidden too.
 *
 * Made for evaluation, where nothing else is random. The noise of ImageNet-C is `sensorNoise`.
 */
export const corruption = (options: { name: CorruptionName; severity: number }): Corruption =>
  checkedParameters(schema, { kind: 'corruption', ...options })

export const corruptionKind: TransformKind<Corruption> = {
  schema,
  stage: 'color',
  apply(sample, { name, severity }, random) {
    const { levels, spoil } = corruptions[name]
    const level = levels[severity - 1]!
    const picture = spoil(settle(sample.picture), level, random)
    return { ...sample, picture, drawn: { [name]: level } }
  },
}

/** One way to spoil an image: its constants by severity, and what it does to a picture whose colours it may write to. */
interface CorruptionRow {
  readonly levels: readonly [number, number, number, number, number]
  spoil(picture: SettledPicture, level: number, random: Random): SettledPicture
}

/** Side of ImageNet-C's images, for which its lengths in pixels hold. */
const referenceSide = 224

const corruptions: Readonly<Record<CorruptionName, CorruptionRow>> = {
  blur: {
    levels: [3, 4, 6, 8, 10],
    spoil(picture, radius) {
      const inPixels = (radius * Math.min(picture.width, picture.height)) / referenceSide
      return { ...picture, colors: defocused(picture, inPixels) }
    },
  },
  jpeg: {
    levels: [25, 18, 15, 10, 7],
    spoil(picture, quality) {
      throughJpeg(picture.colors, picture, quality)
      return picture
    },
  },
  brightness: {
    levels: [0.1, 0.2, 0.3, 0.4, 0.5],
    spoil(picture, more) {
      raiseValue(picture.colors, more)
      return picture
    },
  },
  contrast: {
    levels: [0.4, 0.3, 0.2, 0.1, 0.05],
    spoil(picture, factor) {
      shrinkAboutMeans(picture.colors, factor)
      return picture
    },
  },
  occlusion: {
    levels: [0.1, 0.2, 0.3, 0.4, 0.5],
    spoil(picture, area, random) {
      const { width, height } = picture
      const side = Math.round(Math.sqrt(area) * Math.min(width, height))
      const square = {
        left: Math.floor(random.uniform(0, width - side + 1)),
        top: Math.floor(random.uniform(0, height - side + 1)),
        width: side,
        height: side,
      }
      paint(picture.colors, width, square, [0.5, 0.5, 0.5])
      return picture
    },
  },
}

/** Raise the value of HSV: colours in proportion, so that hue and saturation stay; black becomes grey. */
function raiseValue(planes: Float32Array, more: number): void {
  const area = planes.length / 3
  for (let i = 0; i < area; i++) {
    const value = Math.max(planes[i]!, planes[i + area]!, planes[i + 2 * area]!)
    const raised = Math.min(1, value + more)
    for (let at = i; at < planes.length; at += area)
      planes[at] = value === 0 ? raised : (planes[at]! * raised) / value
  }
}

/** Move each of red, green and blue towards its mean over the image. */
function shrinkAboutMeans(planes: Float32Array, factor: number): void {
  const area = planes.length / 3
  for (let start = 0; start < planes.length; start += area) {
    const plane = planes.subarray(start, start + area)
    const mean = plane.reduce((sum, value) => sum + value, 0) / area
    for (let i = 0; i < area; i++) plane[i] = mean + factor * (plane[i]! - mean)
  }
}
