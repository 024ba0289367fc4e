import { describe, expect, it } from 'vitest'
import { type Batch, float32, hostArray } from '../../core/index.ts'
import { crossModalRetrieval } from '../../metrics/index.ts'
import type { DualEncoderRunner } from '../../models/index.ts'
import { encodeDataset } from './encode-dataset.ts'

/** Towers that look vectors up: pixels are the vector itself, a text is the number of one. */
function lookUp(vectors: readonly (readonly [number, number])[]) {
  const encodedTexts: number[] = []
  const encoders: DualEncoderRunner = {
    encodeImages: async ({ data }) => Float32Array.from(data as Float32Array),
    encodeTexts: async ({ data, shape }) => {
      encodedTexts.push(shape[0]!)
      const numbers = Array.from(data as BigInt64Array, Number).filter((_, i) => i % 2 === 0)
      return Float32Array.from(numbers.flatMap((number) => vectors[number]!))
    },
  }
  return { encoders, encodedTexts }
}

type Row = readonly [id: string, image: readonly number[], text: number, further?: readonly number[]]

/** Texts of two tokens: their number, and the end. */
const batchOf = (...rows: readonly Row[]): Batch => ({
  ids: rows.map(([id]) => id),
  arrays: {
    pixelValues: float32(
      [rows.length, 2],
      rows.flatMap(([, image]) => [...image]),
    ),
    inputIds: hostArray(
      'int64',
      [rows.length, 2],
      BigInt64Array.from(rows.flatMap(([, , text]) => [BigInt(text), 99n])),
    ),
    concepts: hostArray(
      'int64',
      [rows.length],
      BigInt64Array.from(rows.map(([id]) => BigInt(id.charCodeAt(0)))),
    ),
  },
  ...(rows.some(([, , , further]) => further) && {
    furtherTexts: rows.map(([, , , further = []]) =>
      further.map((text) => BigInt64Array.from([BigInt(text), 99n])),
    ),
  }),
})

async function* stream(...batches: readonly Batch[]): AsyncGenerator<Batch> {
  yield* batches
}

const at = (degrees: number): [number, number] => [
  Math.cos((degrees * Math.PI) / 180),
  Math.sin((degrees * Math.PI) / 180),
]

describe('encodeDataset', () => {
  it('scores all captions: an image by its best one, a caption by its one image', async () => {
    // Images a, b, c at 0°, 40° and 90°. Captions 0 and 1 are of a, 2 and 3 of b, 4 and 5 of c.
    const { encoders } = lookUp([at(50), at(10), at(45), at(80), at(-100), at(70)])
    const encoded = await encodeDataset(
      encoders,
      stream(batchOf(['a', at(0), 0, [1]], ['b', at(40), 2, [3]]), batchOf(['c', at(90), 4, [5]])),
    )
    expect(encoded.textIds).toEqual(['a', 'a', 'b', 'b', 'c', 'c'])
    expect(encoded.textCaptions).toEqual([0, 1, 0, 1, 0, 1])
    const { imageToText, textToImage, gallery, captions } = crossModalRetrieval(encoded)
    expect([gallery, captions]).toEqual([3, 6])
    // a: 10° is its own. b: 45° is its own. c: of 80° (b's), 70° (its own) the second: ranks 1, 1, 2.
    expect(imageToText).toMatchObject({ 'R@1': expect.closeTo(200 / 3, 10), 'R@5': 100, MedR: 1 })
    expect(imageToText.MeanR).toBeCloseTo(4 / 3, 10)
    // 50° → b, c, a: 3. 10° → a: 1. 45° → b: 1. 80° → c, b: 2. −100° → a, b, c: 3. 70° → c: 1.
    expect(textToImage).toMatchObject({ 'R@1': 50, 'R@5': 100, MedR: 1.5 })
    expect(textToImage.MeanR).toBeCloseTo(11 / 6, 10)
  })

  it('encodes a caption that several samples have once, correct for each of them', async () => {
    const { encoders, encodedTexts } = lookUp([at(0), at(30), at(60)])
    const encoded = await encodeDataset(
      encoders,
      stream(batchOf(['a', at(0), 0, [1, 2]], ['b', at(60), 2, [1]])),
    )
    expect(encodedTexts).toEqual([2, 2])
    expect(encoded.textIds).toEqual(['a', 'a', 'a'])
    expect(encoded.textConcepts).toEqual([['97'], ['97', '98'], ['97', '98']])
    expect(encoded.textFeatures).toEqual(Float32Array.from([at(0), at(30), at(60)].flat()))
  })

  it('reads one caption of each sample where batches bring no more', async () => {
    const { encoders, encodedTexts } = lookUp([at(0), at(30)])
    const encoded = await encodeDataset(encoders, stream(batchOf(['a', at(0), 0], ['b', at(60), 1])))
    expect(encodedTexts).toEqual([2])
    expect(encoded.textIds).toEqual(['a', 'b'])
  })
})
