import { describe, expect, it } from 'vitest'
import { float32, int64, splitRows } from '../../core/index.ts'
import type { MaskCounts } from './draw-masks.ts'
import { maskRounds, wordGroups } from './mask-rounds.ts'

const [start, end] = [90, 91]
const counts: MaskCounts = {
  patches: 4,
  maskedPatches: 1,
  tokenRatio: 0.15,
  special: new Set([start, end].map(BigInt)),
  end: BigInt(end),
}
const length = 24

/** A batch whose i-th text has as many words as the i-th number, and whose i-th image is i. */
const batchOf = (words: readonly number[]) => ({
  ids: words.map((_, i) => `sample-${i}`),
  arrays: {
    pixelValues: float32(
      [words.length, 2],
      words.flatMap((_, i) => [i, i]),
    ),
    inputIds: int64(
      [words.length, length],
      words.flatMap((count) => [
        start,
        ...Array.from({ length: count }, (_, k) => k + 1),
        ...new Array<number>(length - 1 - count).fill(end),
      ]),
    ),
  },
})

describe('rounds of masks', () => {
  const numbers = Array.from({ length: 21 }, (_, i) => i)
  const rounds = maskRounds(batchOf(numbers), counts)

  it('mask every word of every text exactly once, and nothing else', () => {
    const asked = numbers.map(() => [] as number[])
    for (const { rows, masks } of rounds)
      for (const [i, places] of splitRows(masks.maskedTokens.data, rows.length).entries())
        asked[rows[i]!]!.push(...Array.from(places, Number).filter((place) => place >= 0))
    for (const [count, places] of asked.entries())
      expect(places.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i + 1))
  })

  it('mask no more of a text at once than training does, and take no more rounds than that needs', () => {
    for (const count of numbers.slice(1)) {
      const most = Math.max(1, Math.round(0.15 * count))
      const groups = wordGroups(numbers.slice(0, count), 0.15)
      for (const group of groups) expect(group.length).toBeLessThanOrEqual(most)
      expect(groups).toHaveLength(Math.ceil(count / most))
    }
    expect(rounds).toHaveLength(9) // of nine words, one at a time; of ten two at a time
  })

  it('ask for the images of texts without words, once, with images and ids of the right samples', () => {
    expect(rounds[0]!.rows).toEqual(numbers)
    for (const { rows, batch, rounds: own } of rounds) {
      expect(batch.ids).toEqual(rows.map((row) => `sample-${row}`))
      expect([...batch.arrays.pixelValues!.data]).toEqual(rows.flatMap((row) => [row, row]))
      expect(rows.every((row, i) => own[i] === Math.max(1, wordGroups(numbers.slice(0, row), 0.15).length)))
    }
    expect(rounds.slice(1).every(({ rows }) => !rows.includes(0))).toBe(true)
  })

  it('mask the same of a sample in any batch', () => {
    const alone = maskRounds({ ids: ['sample-7'], arrays: batchOf([7]).arrays }, counts).map(
      ({ masks }) => masks,
    )
    const among = rounds.slice(0, 7).map(({ rows, masks }) => ({
      visiblePatches: splitRows(masks.visiblePatches.data, rows.length)[rows.indexOf(7)],
      maskedTokens: splitRows(masks.maskedTokens.data, rows.length)[rows.indexOf(7)],
    }))
    expect(alone.map(({ visiblePatches, maskedTokens }) => [visiblePatches.data, maskedTokens.data])).toEqual(
      among.map(({ visiblePatches, maskedTokens }) => [visiblePatches, maskedTokens]),
    )
    expect(new Set(alone.map(({ visiblePatches }) => String(visiblePatches.data))).size).toBeGreaterThan(1)
  })
})
