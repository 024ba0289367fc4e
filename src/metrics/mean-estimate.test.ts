import { describe, expect, it } from 'vitest'
import { random } from '../core/index.ts'
import { bootstrap, bootstrapStatistic, pairedDifference } from './bootstrap.ts'
import { meanEstimate } from './mean-estimate.ts'
import { wilson } from './wilson.ts'

describe('meanEstimate', () => {
  it.each([1, 100] as const)('has the interval of Wilson for values of 0 and %i', (right) => {
    const { value, interval } = meanEstimate([right, 0, 0, right, 0], { seed: 1, right })
    const rate = wilson(2, 5)
    expect(value).toBe(right * rate.rate)
    expect(interval).toEqual(rate.interval.map((end) => right * end))
    // SciPy: binomtest(0, 10).proportion_ci(method='wilson')
    const none = meanEstimate(new Array(10).fill(0), { seed: 1, right }).interval
    expect(none).toEqual([0, expect.closeTo(0.277533 * right, 3)])
  })

  it('has the interval of the bootstrap for other values', () => {
    const values = [0, 0.5, 1, 0.25]
    expect(meanEstimate(values, { seed: 4 })).toEqual(bootstrap(values, { seed: 4 }))
    expect(meanEstimate([1, Number.NaN], { seed: 4 }).interval).toEqual([Number.NaN, Number.NaN])
    expect(() => meanEstimate([], { seed: 4 })).toThrow(
      expect.objectContaining({ code: 'metrics/no-samples' }),
    )
  })

  it('counts clusters of equal answers as hardly more than one answer each', () => {
    // Worked by hand: d = 4/3 · 4 · 1² / (8 · 1/4) = 8/3, so that 8 samples count as 3.
    const clusters = ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd']
    const { value, interval } = meanEstimate([1, 1, 0, 0, 1, 1, 0, 0], { seed: 1, clusters })
    expect(value).toBe(0.5)
    expect(interval[0]).toBeCloseTo(wilson(1.5, 3).interval[0], 12)
    expect(interval[1]).toBeCloseTo(wilson(1.5, 3).interval[1], 12)
    expect(meanEstimate(new Array(8).fill(0), { seed: 1, clusters }).interval).toEqual(wilson(0, 4).interval)
    const alone = clusters.map((_, i) => String(i))
    expect(meanEstimate([1, 0, 0, 0, 1, 1, 0, 0], { seed: 1, clusters: alone }).interval).toEqual(
      wilson(3, 8).interval,
    )
    const one = meanEstimate([1, 0], { seed: 1, clusters: ['a', 'a'] })
    expect(one.interval).toEqual(wilson(0.5, 1).interval)
  })

  it('holds the true rate about 95 times in 100 where clusters answer alike, as Wilson of all samples does not', () => {
    const stream = random(3, 'coverage of clusters')
    const clusters = Array.from({ length: 200 }, (_, i) => String(Math.floor(i / 5)))
    let [held, heldOfAll] = [0, 0]
    for (let trial = 0; trial < 500; trial++) {
      const answers = Array.from({ length: 40 }, () => Number(stream.chance(0.4)))
      const values = clusters.map((cluster) => answers[Number(cluster)]!)
      const holds = ([low, high]: readonly [number, number]) => Number(low <= 0.4 && 0.4 <= high)
      held += holds(meanEstimate(values, { seed: 1, clusters }).interval)
      heldOfAll += holds(meanEstimate(values, { seed: 1 }).interval)
    }
    expect(held / 500).toBeGreaterThan(0.92)
    expect(held / 500).toBeLessThan(0.98)
    expect(heldOfAll / 500).toBeLessThan(0.75)
  })
})

describe('a bootstrap of clusters', () => {
  it('draws all samples of a cluster together', () => {
    const clusters = ['a', 'b', 'a', 'c']
    const seen = new Set<string>()
    bootstrapStatistic(4, (rows) => seen.add([...rows].join()).size, { seed: 2, resamples: 300, clusters })
    const parts = ['0,2', '1', '3']
    const all = parts.flatMap((x) => parts.flatMap((y) => parts.map((z) => [x, y, z].join())))
    expect([...seen].sort()).toEqual(['0,1,2,3', ...all].sort())
  })

  it('is that of samples where every sample is alone, and wider where clusters are alike', () => {
    const values = Array.from({ length: 30 }, (_, i) => Math.floor(i / 3))
    const alone = values.map((_, i) => String(i))
    expect(bootstrap(values, { seed: 2, clusters: alone })).toEqual(bootstrap(values, { seed: 2 }))
    const width = ([low, high]: readonly [number, number]) => high - low
    const zeros = values.map(() => 0)
    const clusters = values.map(String)
    const paired = pairedDifference(values, zeros, { seed: 2, clusters })
    const ratio = width(paired.interval) / width(pairedDifference(values, zeros, { seed: 2 }).interval)
    expect(ratio).toBeGreaterThan(1.5) // √3
    expect(ratio).toBeLessThan(2)
    expect(() => bootstrap([1, 2], { seed: 2, clusters: ['a'] })).toThrow(
      expect.objectContaining({ code: 'shape/clusters' }),
    )
  })
})
