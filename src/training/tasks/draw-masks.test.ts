import { describe, expect, it } from 'vitest'
import { int64, random, splitRows } from '../../core/index.ts'
import { drawMasks, type MaskCounts, wordPlaces } from './draw-masks.ts'

const [start, end, pad] = [90, 91, 92]
const counts: MaskCounts = {
  patches: 16,
  maskedPatches: 2,
  tokenRatio: 0.15,
  special: new Set([start, end, pad].map(BigInt)),
  end: BigInt(end),
}
const length = 24

/** Texts of 0 to 20 words, with padding behind their ends. */
const texts = Array.from({ length: 420 }, (_, i) => {
  const words = Array.from({ length: i % 21 }, (_, k) => k + 1)
  return [start, ...words, end, ...new Array<number>(length).fill(pad)].slice(0, length)
})
const batch = {
  ids: texts.map((_, i) => `sample-${i}`),
  arrays: { inputIds: int64([texts.length, length], texts.flat()) },
}
const streams = (step: number) => (id: string) => random(3, step, id)
const masksOf = (step: number) => drawMasks(batch, streams(step), counts)

describe('masks of a batch', () => {
  const { visiblePatches, maskedTokens } = masksOf(0)
  const visible = splitRows(visiblePatches.data, texts.length).map((row) => Array.from(row, Number))
  const masked = splitRows(maskedTokens.data, texts.length).map((row) =>
    Array.from(row, Number).filter((place) => place >= 0),
  )

  it('leave as many patches of each image as they should, each once and in order', () => {
    for (const row of visible) {
      expect(row).toHaveLength(14)
      expect(row).toEqual([...new Set(row)].sort((a, b) => a - b))
      expect(row.every((place) => place >= 0 && place < 16)).toBe(true)
    }
  })

  it('cover every patch about equally often, and differ from image to image', () => {
    const covered = new Array<number>(16).fill(0)
    for (const row of visible)
      for (let place = 0; place < 16; place++) if (!row.includes(place)) covered[place]!++
    const expected = (2 / 16) * texts.length
    for (const count of covered) expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected))
    expect(new Set(visible.map(String)).size).toBeGreaterThan(90)
  })

  it('cover 15 % of the words of a text, at least one, and no start, end or padding', () => {
    for (const [i, places] of masked.entries()) {
      const words = i % 21
      expect(places).toHaveLength(words === 0 ? 0 : Math.max(1, Math.round(0.15 * words)))
      expect(places.every((place) => place >= 1 && place <= words)).toBe(true)
      expect(new Set(places).size).toBe(places.length)
    }
  })

  it('are a function of seed, step and sample: the same again, other ones in the next step, whatever the batch', () => {
    expect(masksOf(0)).toEqual({ visiblePatches, maskedTokens })
    expect(masksOf(1).visiblePatches.data).not.toEqual(visiblePatches.data)
    const part = {
      ids: batch.ids.slice(100, 103),
      arrays: { inputIds: int64([3, length], texts.slice(100, 103).flat()) },
    }
    const ofPart = drawMasks(part, streams(0), counts)
    expect(Array.from(ofPart.visiblePatches.data, Number)).toEqual(visible.slice(100, 103).flat())
    expect(ofPart.maskedTokens.data).toEqual(
      maskedTokens.data.subarray(100 * maskedTokens.shape[1]!, 103 * maskedTokens.shape[1]!),
    )
  })
})

it('leave one of several words to read, even at a ratio near 1', () => {
  const { maskedTokens } = drawMasks(batch, streams(0), { ...counts, tokenRatio: 0.99 })
  const numbers = splitRows(maskedTokens.data, texts.length).map(
    (row) => row.filter((place) => place >= 0n).length,
  )
  expect(numbers.slice(0, 5)).toEqual([0, 1, 1, 2, 3])
})

describe('words of a text', () => {
  const row = (...ids: number[]) => BigInt64Array.from(ids, BigInt)

  it('end at the first end token, which may also be the padding', () => {
    expect(wordPlaces(row(start, 5, 6, end, 7, end), counts)).toEqual([1, 2])
    expect(wordPlaces(row(5, 6, end, end), counts)).toEqual([0, 1])
    expect(wordPlaces(row(start, end, end), counts)).toEqual([])
  })

  it('end at the largest id for configs from before 2023, and go to the end of a text without one', () => {
    expect(wordPlaces(row(90, 5, 6, 99, 0), { special: new Set([90n]), end: undefined })).toEqual([1, 2])
    expect(wordPlaces(row(start, 5, 6), counts)).toEqual([1, 2])
  })
})
