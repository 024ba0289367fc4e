import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/intervals.json' with { type: 'json' }
import { mcNemar } from './mc-nemar.ts'

const flags = (...runs: [count: number, right: boolean][]) =>
  runs.flatMap(([count, right]) => new Array<boolean>(count).fill(right))

describe('mcNemar', () => {
  it.each(golden.mcNemar)('agrees with SciPy on $onlyFirst against $onlySecond', (expected) => {
    const { onlyFirst, onlySecond, p } = expected
    // Samples that both have right or wrong change nothing.
    const first = flags([7, true], [onlyFirst, true], [onlySecond, false], [5, false])
    const second = flags([7, true], [onlyFirst, false], [onlySecond, true], [5, false])
    const result = mcNemar(first, second)
    expect(result).toMatchObject({ onlyFirst, onlySecond })
    expect(result.p).toBeCloseTo(p, 14)
    if (p > 0) expect(result.p / p).toBeCloseTo(1, 10)
  })

  it('knows nothing of no samples, and refuses other ones', () => {
    expect(mcNemar([], [])).toEqual({ onlyFirst: 0, onlySecond: 0, p: 1 })
    expect(() => mcNemar([true], [])).toThrow(/1 values against 0/)
  })
})
