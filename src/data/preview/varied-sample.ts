import type { ImageTransform } from '../augment/index.ts'
import { augmentSample } from '../augment-sample.ts'
import { decodeImage } from '../images/index.ts'
import type { Sample } from '../sample.ts'
import type { TextTransform } from '../text/index.ts'
import { pngOf } from './pictures.ts'
import type { SeenSquare } from './seen-picture.ts'

/** A change of a sample; the draws follow from the seed and the sample's id. */
export interface SampleVariation {
  /** Transforms of the square that a model sees; they keep its size. */
  readonly images?: readonly ImageTransform[] | undefined
  readonly texts?: readonly TextTransform[] | undefined
  readonly seed: number
}

/**
 * A sample's image and first caption as a model sees them in evaluation under a variation, before colours are normalized: what a
 * loader makes of them with the same seed.
 * @throws DataError `data/unreadable-image`.
 */
export async function variedSample(
  sample: Sample,
  { background, ...square }: SeenSquare,
  { images = [], texts = [], seed }: SampleVariation,
): Promise<{ readonly png: Uint8Array; readonly caption: string }> {
  const pixels = await decodeImage(sample, square)
  const { id, captions } = sample
  const spec = {
    seed,
    background,
    transforms: images,
    augmentTexts: texts,
    firstCaption: 1,
    labels: {},
    eyes: {},
  }
  const { colors, caption } = augmentSample({ id, captions, epoch: 0 }, { pixels, eyes: {} }, spec)
  return { png: await pngOf(colors), caption }
}
