import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leastOf, leastOfGroups, leastOfRows } from './choose-zeros.ts'

const scores = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((list) => Float32Array.from(list))

const sum = (flags: Uint8Array): number => flags.reduce((total, flag) => total + flag, 0)

describe('the least important of all', () => {
  it('are exactly the fraction, and none is more important than one that stays', () => {
    fc.assert(
      fc.property(scores(13), scores(8), fc.double({ min: 0, max: 0.99, noNaN: true }), (a, b, ratio) => {
        const [first, second] = leastOf([a, b], ratio) as [Uint8Array, Uint8Array]
        expect(sum(first) + sum(second)).toBe(Math.floor(21 * ratio))
        const all = [...a, ...b]
        const flags = [...first, ...second]
        const gone = all.filter((_, i) => flags[i] === 1)
        const kept = all.filter((_, i) => flags[i] === 0)
        expect(Math.max(-1, ...gone)).toBeLessThanOrEqual(Math.min(...kept))
      }),
      { seed: 5 },
    )
  })

  it('of rows are a fraction of each', () => {
    const rows = Float32Array.from([4, 1, 3, 2, 40, 10, 30, 20])
    expect([...leastOfRows(rows, 4, 0.5)]).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
    expect([...leastOf([rows], 0.5)[0]!]).toEqual([1, 1, 1, 1, 0, 0, 0, 0])
  })
})

describe('N of M', () => {
  it('stay in each group, the most important ones; the end of a row that is no group stays', () => {
    const row = [4, 1, 3, 2, 9, 9, 1, 9, 5, 6]
    const flags = [0, 1, 0, 1, 1, 0, 1, 0, 0, 0]
    const found = leastOfGroups(Float32Array.from([...row, ...row]), 10, { n: 2, m: 4 })
    expect([...found]).toEqual([...flags, ...flags])
  })

  it('are exact for any pattern', () => {
    fc.assert(
      fc.property(scores(24), fc.constantFrom([1, 2], [2, 4], [1, 4], [4, 8]), (list, [n, m]) => {
        const zeros = leastOfGroups(list, 8, { n: n!, m: m! })
        for (let start = 0; start < 24; start += m!)
          expect(sum(zeros.subarray(start, start + m!))).toBe(m! - n!)
      }),
      { seed: 5 },
    )
  })
})
