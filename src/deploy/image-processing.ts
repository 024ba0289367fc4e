import {
  type ChannelStatistics,
  centralPart,
  evaluationTransforms,
  type ImageTransform,
  normalize,
  outputSize,
} from '../data/augment/index.ts'
import { type Color, type Fit, type Kernel, white } from '../data/images/index.ts'

/**
 * Processing of an image into the input of a model, as plain data: decoded to a square, laid on its background, colours
 * in [0, 1] normalized by mean and standard deviation. Evaluation in training does the same.
 */
export interface ImageProcessing extends ChannelStatistics {
  /** Side of the square in pixels. */
  readonly size: number
  readonly fit: Fit
  /** Part of the scaled image's side that the square shows, in (0, 1]; see `DecodeOptions`. Default 1. */
  readonly cropFraction?: number | undefined
  /** Kernel of scaling. Default `bicubic`. */
  readonly kernel?: Kernel | undefined
  /** Background colour under transparency. */
  readonly background: Color
}

/** The options of a loader for the processing of images. */
export interface ImageOptions {
  readonly resolution: number
  /** Fit of the image to the square. Default `cover`. */
  readonly fit?: Fit
  /** Part of the scaled image's side that the square shows. Default 1. */
  readonly cropFraction?: number | undefined
  /** Kernel of scaling. Default `bicubic`. */
  readonly kernel?: Kernel | undefined
  /** Background colour under transparency. Default white. */
  readonly background?: Color
  /** Augmentation. Default none. */
  readonly augment?: readonly ImageTransform[]
}

/** The processing of a loader with these options in evaluation. */
export function imageProcessingOf(options: ImageOptions): ImageProcessing {
  const {
    resolution,
    fit = 'cover',
    cropFraction = 1,
    kernel = 'bicubic',
    background = white,
    augment = [],
  } = options
  const transforms = evaluationTransforms(augment)
  const last = transforms.at(-1)
  const { mean, std } = last?.kind === 'normalize' ? last : untouched
  const size = outputSize(transforms, resolution)
  const shown = cropFraction * centralPart(transforms, resolution)
  return {
    ...{ size, fit, background, mean, std },
    ...(shown !== 1 && { cropFraction: shown }),
    ...(kernel !== 'bicubic' && { kernel }),
  }
}

/** The loader options for this processing in evaluation. */
export const imageOptionsOf = ({ size, mean, std, ...options }: ImageProcessing) =>
  ({ resolution: size, ...options, augment: [normalize({ mean, std })] }) satisfies ImageOptions

/** Statistics that leave colours unchanged. */
const untouched: ChannelStatistics = { mean: [0, 0, 0], std: [1, 1, 1] }
