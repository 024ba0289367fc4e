import { describe, expect, it } from 'vitest'
import { random } from '../core/index.ts'
import { nearest, nearestOf } from './nearest.ts'

describe('nearestOf', () => {
  it('takes the first of a stable sort, whatever ties and NaN there are', () => {
    const stream = random(4, 'similarities')
    for (const k of [1, 2, 7, 30, 99]) {
      const similarities = Float64Array.from({ length: 60 }, () =>
        stream.chance(0.1) ? Number.NaN : stream.integer(9) - 4,
      )
      const height = (similarity: number) => (Number.isNaN(similarity) ? -99 : similarity)
      const sorted = Array.from(similarities, (similarity, index) => ({ index, similarity }))
        .sort((a, b) => height(b.similarity) - height(a.similarity))
        .slice(0, k)
      expect(nearestOf(similarities, k), `k = ${k}`).toEqual(sorted)
    }
  })

  it('finds none of none, and none when none is asked for', () => {
    expect(nearestOf(new Float64Array(), 3)).toEqual([])
    expect(nearestOf(Float64Array.from([1, Number.NaN]), 0)).toEqual([])
  })
})

describe('nearest', () => {
  it('knows a gallery of one, and copies of one row', () => {
    const row = Float32Array.from([3, 4])
    expect(nearest(row, row, 2, 5)).toEqual([{ index: 0, similarity: expect.closeTo(1, 6) }])
    const copies = Float32Array.from([3, 4, 3, 4, 3, 4])
    expect(nearest(row, copies, 2, 2).map(({ index }) => index)).toEqual([0, 1])
  })
})
