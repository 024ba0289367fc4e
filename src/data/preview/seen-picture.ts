import sharp from 'sharp'
import { pictureOf, settle } from '../augment/picture.ts'
import { type Color, type DecodeOptions, decodeImage, encodedPicture, mostPixels } from '../images/index.ts'
import type { Sample } from '../sample.ts'
import { pngOf } from './pictures.ts'
import { type ProjectedPoint, projectPoint, projectPose } from './project-pose.ts'

/** A sample's image as a model without augmentation sees it. */
export interface SeenPicture {
  readonly png: Uint8Array
  /**
   * A grasp as lines, or a position as a point, in fractions of this image's sides; undefined where the camera is
   * unknown or cannot see them.
   * @param values [x, y, z, rx, ry, rz] of a pose or [x, y, z] of a position, in the robot's frame.
   */
  project(values: readonly number[]): ProjectedMark | undefined
}

/** A place in an image, and for a grasp its lines. */
export interface ProjectedMark {
  readonly place: readonly number[]
  readonly lines?: readonly (readonly [ProjectedPoint, ProjectedPoint])[]
}

/** Processing of an image into a model's square. */
export interface SeenSquare extends DecodeOptions {
  /** Colour under transparency. */
  readonly background: Color
}

/**
 * The square that a model sees of a sample's image, before its colours are normalized.
 * @throws DataError `data/unreadable-image`.
 */
export async function seenPicture(
  sample: Pick<Sample, 'id' | 'image' | 'origin' | 'camera'>,
  { background, ...square }: SeenSquare,
): Promise<SeenPicture> {
  const pixels = await decodeImage(sample, square)
  const { width, height } = pixels
  const { frame = { left: 0, top: 0, width, height } } = pixels
  const { camera } = sample
  const aspect = camera ? await aspectOf(sample) : 1
  const inSquare = ([x, y]: ProjectedPoint): ProjectedPoint => [
    (frame.left + x * frame.width) / width,
    (frame.top + y * frame.height) / height,
  ]
  return {
    png: await pngOf(settle(pictureOf(pixels, background)).colors),
    project(values) {
      if (camera === undefined) return undefined
      const point = projectPoint(camera, values, aspect)
      if (point === undefined) return undefined
      if (values.length === 3) return { place: inSquare(point) }
      const lines = projectPose(camera, values, aspect)
      return (
        lines && { place: inSquare(point), lines: lines.map(([from, to]) => [inSquare(from), inSquare(to)]) }
      )
    },
  }
}

/** Width of a sample's whole image over its height. */
async function aspectOf({ image }: Pick<Sample, 'image'>): Promise<number> {
  const input = sharp(await encodedPicture(image), { limitInputPixels: mostPixels })
  const { width, height } = (await input.metadata()).autoOrient
  return width / height
}
