import {
  type ChannelStatistics,
  evaluationTransforms,
  type ImageTransform,
  normalize,
  outputSize,
} from '../data/augment/index.ts'
import { type Color, type Fit, white } from '../data/images/index.ts'

/**
 * How an image becomes the input of a model: decoded to a square, laid on its background, colours in [0, 1]
 * normalized by mean and standard deviation. What training's evaluation does, as plain data.
 */
export interface ImageProcessing extends ChannelStatistics {
  /** Side of the square in pixels. */
  readonly size: number
  readonly fit: Fit
  /** What transparency is laid on. */
  readonly background: Color
}

/** The options of a loader that say what becomes of an image. */
export interface ImageOptions {
  readonly resolution: number
  /** Default `cover`. */
  readonly fit?: Fit
  /** Default white. */
  readonly background?: Color
  /** Default none. */
  readonly augment?: readonly ImageTransform[]
}

/** The processing that a loader with these options gives its images in evaluation. */
export function imageProcessingOf(options: ImageOptions): ImageProcessing {
  const { resolution, fit = 'cover', background = white, augment = [] } = options
  const transforms = evaluationTransforms(augment)
  const last = transforms.at(-1)
  const { mean, std } = last?.kind === 'normalize' ? last : untouched
  return { size: outputSize(transforms, resolution), fit, background, mean, std }
}

/** The loader options that give this processing in evaluation. */
export const imageOptionsOf = ({ size, fit, background, mean, std }: ImageProcessing) =>
  ({ resolution: size, fit, background, augment: [normalize({ mean, std })] }) satisfies ImageOptions

/** Statistics that leave colours as they are. */
export const untouched: ChannelStatistics = { mean: [0, 0, 0], std: [1, 1, 1] }
