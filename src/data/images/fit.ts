import type { Kernel } from './kernels.ts'
import type { Rectangle } from './pixels.ts'

/**
 * Fit of an image to a square. `contain`: the whole image, transparent beside it (drawings, emoji). `cover`: the
 * shorter side is scaled to the square and the middle is cut out, as CLIP's processor does. `fill`: stretched to the
 * square, as SigLIP's processor does.
 */
export type Fit = 'contain' | 'cover' | 'fill'

/** Square to which an image is decoded. */
export interface DecodeOptions {
  /** Side of the square in pixels. */
  readonly resolution: number
  readonly fit: Fit
  /**
   * Part of the scaled image's side that the square shows, in (0, 1]: 0.875 scales to 256 pixels and cuts 224 out of
   * the middle. Default 1.
   */
  readonly cropFraction?: number | undefined
  /** Kernel of scaling. Default `bicubic`. */
  readonly kernel?: Kernel | undefined
}

/** Sides in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Size of the whole image after scaling, so that it fits the square. `cover` truncates the longer side, as Hugging
 * Face's processors do.
 */
export function scaledSize({ width, height }: Size, options: DecodeOptions): Size {
  const { fit } = options
  const side = scaledSide(options)
  if (fit === 'fill') return { width: side, height: side }
  if (fit === 'cover') {
    const longer = Math.trunc((side * Math.max(width, height)) / Math.min(width, height))
    return width <= height ? { width: side, height: longer } : { width: longer, height: side }
  }
  const scale = side / Math.max(width, height)
  const scaled = (length: number): number => Math.max(1, Math.round(length * scale))
  return { width: scaled(width), height: scaled(height) }
}

/** Side of the square that images are scaled to, before the middle is cut out. */
export const scaledSide = ({ resolution, cropFraction = 1 }: Omit<DecodeOptions, 'fit'>): number =>
  Math.round(resolution / cropFraction)

/**
 * Place of a scaled image in the middle of a square. An odd rest stands to the right and below, whether it is cut off
 * or filled up, as in Hugging Face's processors.
 */
export const centred = ({ width, height }: Size, resolution: number): Rectangle => ({
  left: Math.trunc((resolution - width) / 2),
  top: Math.trunc((resolution - height) / 2),
  width,
  height,
})
