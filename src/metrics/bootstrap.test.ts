import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/intervals.json' with { type: 'json' }
import { random } from '../core/index.ts'
import { bootstrap, bootstrapStatistic, pairedDifference, percentile } from './bootstrap.ts'

describe('percentile', () => {
  it.each(Object.entries(golden.percentiles))('agrees with NumPy at %s', (percent, expected) => {
    expect(percentile(Float64Array.from(golden.values).sort(), Number(percent))).toBeCloseTo(expected, 12)
  })
})

describe('bootstrap', () => {
  it("has SciPy's interval, but for what is drawn", () => {
    const { value, interval } = bootstrap(golden.values, { seed: 1, resamples: 5000 })
    expect(value).toBeCloseTo(golden.mean, 12)
    // The interval is 0.49 wide, and a percentile of 5,000 resamples has a deviation of 0.005.
    expect(Math.abs(interval[0] - golden.interval[0]!)).toBeLessThan(0.02)
    expect(Math.abs(interval[1] - golden.interval[1]!)).toBeLessThan(0.02)
  })

  it('gives the same interval for the same seed and another for another, of 1,000 resamples', () => {
    const interval = (seed: number, resamples?: number) =>
      bootstrap(golden.values, resamples === undefined ? { seed } : { seed, resamples }).interval
    expect(interval(3)).toEqual(interval(3))
    expect(interval(3)).not.toEqual(interval(4))
    expect(interval(3, 1000)).toEqual(interval(3))
  })

  it('holds the true mean about 95 times in 100', () => {
    const stream = random(5, 'coverage')
    const holds = Array.from({ length: 400 }, (_, seed) => {
      const values = Array.from({ length: 50 }, () => stream.normal(2, 3))
      const { interval } = bootstrap(values, { seed, resamples: 200 })
      return interval[0] <= 2 && 2 <= interval[1]
    })
    const rate = holds.filter(Boolean).length / holds.length
    expect(rate).toBeGreaterThan(0.91) // three deviations about 0.94, what percentiles reach with 50 samples
    expect(rate).toBeLessThan(0.98)
  })

  it('knows a point only of one sample, NaN of NaN, and refuses nothing', () => {
    expect(bootstrap([0.25], { seed: 1 })).toEqual({ value: 0.25, interval: [0.25, 0.25] })
    const { NaN: none } = Number
    expect(bootstrap([1, none], { seed: 1 })).toEqual({ value: none, interval: [none, none] })
    expect(() => bootstrap([], { seed: 1 })).toThrow(expect.objectContaining({ code: 'metrics/no-samples' }))
    expect(() => bootstrap([1], { seed: 1, resamples: 0 })).toThrow(
      expect.objectContaining({ code: 'metrics/option-range' }),
    )
  })
})

describe('bootstrapStatistic', () => {
  it('measures the samples as they are and as they are drawn', () => {
    const seen: number[][] = []
    const largest = (indices: Int32Array) => {
      seen.push([...indices])
      return Math.max(...indices)
    }
    const { value, interval } = bootstrapStatistic(6, largest, { seed: 2, resamples: 100 })
    expect(value).toBe(5)
    expect(interval[1]).toBe(5)
    expect(interval[0]).toBeLessThan(5)
    expect(seen[0]).toEqual([0, 1, 2, 3, 4, 5])
    expect(seen).toHaveLength(101)
    expect(new Set(seen.flat())).toEqual(new Set([0, 1, 2, 3, 4, 5]))
  })
})

describe('pairedDifference', () => {
  it('sees a small difference that all samples share', () => {
    const b = golden.values
    const a = b.map((value, i) => value + (i % 2 ? 0.25 : 0.125))
    const { value, interval } = pairedDifference(a, b, { seed: 1 })
    expect(value).toBeCloseTo(0.1875, 12)
    expect(interval[0]).toBeGreaterThan(0.165)
    expect(interval[1]).toBeLessThan(0.21)
    expect(pairedDifference(b, a, { seed: 1 }).value).toBeCloseTo(-0.1875, 12)
  })

  it('refuses other samples', () => {
    expect(() => pairedDifference([1, 2], [1], { seed: 1 })).toThrow(
      expect.objectContaining({ code: 'shape/pairs' }),
    )
    expect(() => pairedDifference([], [], { seed: 1 })).toThrow(/at least one/)
  })
})
