import { type Batch, float32, int64, random } from '../../src/core/index.ts'
import { type MaskedSizes, VlmModel, vlm, withVocabulary } from '../../src/models/index.ts'

/** Ids of the tokens that frame a text; words begin at 1. */
export const [startId, endId] = [20, 21]

/** A small model with all parts: images of 8 pixels in four patches, texts of six tokens. */
export function smallVlm(masked: Partial<MaskedSizes> = {}): VlmModel {
  const sizes = { width: 16, depth: 1, heads: 2 }
  const config = vlm({
    image: { size: 8, patch: 4, ...sizes },
    text: { length: 6, ...sizes },
    projection: 8,
    masked: { ...sizes, dropout: 0, patchRatio: 0.25, ...masked },
    decoder: sizes,
  })
  return new VlmModel(withVocabulary(config, { vocabularySize: 22, startId, endId, padId: endId }))
}

/** Colours as [red, green, blue]. */
const colors = [
  [1, -1, -1],
  [-1, 1, -1],
  [-1, -1, 1],
  [1, 1, -1],
]

/** Images of one colour with some noise, and texts whose one word names it: 1 to 4. */
export function colorBatch(size: number, number: number): Batch {
  const stream = random(9, 'colors', number)
  const chosen = Array.from({ length: size }, () => stream.integer(colors.length))
  const pixels = chosen.flatMap((color) =>
    colors[color]!.flatMap((level) => Array.from({ length: 64 }, () => level + stream.normal(0, 0.2))),
  )
  return {
    ids: chosen.map((_, i) => `${number}/${i}`),
    arrays: {
      pixelValues: float32([size, 3, 8, 8], pixels),
      inputIds: int64(
        [size, 6],
        chosen.flatMap((color) => [startId, color + 1, endId, endId, endId, endId]),
      ),
      concepts: int64([size], chosen),
    },
  }
}

/** Random pictures with random texts of one to four words. */
export function randomPairs(size: number, number: number): Batch {
  const stream = random(8, 'pairs', number)
  const texts = Array.from({ length: size }, (_, i) => {
    const words = Array.from({ length: 1 + (i % 4) }, () => 1 + stream.integer(18))
    return [startId, ...words, ...new Array<number>(5).fill(endId)].slice(0, 6)
  })
  return {
    ids: texts.map((_, i) => `${number}/${i}`),
    arrays: {
      pixelValues: float32(
        [size, 3, 8, 8],
        Array.from({ length: size * 192 }, () => stream.normal()),
      ),
      inputIds: int64([size, 6], texts.flat()),
      concepts: int64(
        [size],
        texts.map((_, i) => i),
      ),
    },
  }
}
