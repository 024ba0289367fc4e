import { describe, expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import { type CalibrationMethod, count, histogramFor, rangeOf } from './calibrators.ts'
import { Histogram } from './histogram.ts'

function calibrated(
  method: Exclude<CalibrationMethod, 'minMax'>,
  values: readonly number[],
  percentile = 99,
) {
  const seen = { low: Math.min(...values), high: Math.max(...values) }
  const histogram = histogramFor(method, seen)!
  count(histogram, method, Float32Array.from(values), undefined)
  return rangeOf(method, histogram, seen, percentile)
}

const stream = random(2, 'calibrators')
const uniform = Array.from({ length: 50_000 }, () => 3 * stream.uniform() - 1) // [−1, 2)
const normal = Array.from({ length: 50_000 }, () => stream.normal())

describe('percentile', () => {
  it('is the middle part of a uniform distribution', () => {
    const { low, high } = calibrated('percentile', uniform, 90)
    expect(low).toBeCloseTo(-1 + 3 * 0.05, 1)
    expect(high).toBeCloseTo(2 - 3 * 0.05, 1)
  })

  it('of a normal distribution is its quantiles', () => {
    const { low, high } = calibrated('percentile', normal, 95)
    expect(low).toBeCloseTo(-1.96, 1)
    expect(high).toBeCloseTo(1.96, 1)
  })

  it('cuts a lonely outlier off', () => {
    expect(calibrated('percentile', [...normal, 1000], 99.9).high).toBeLessThan(10)
  })
})

describe('entropy', () => {
  it('keeps the whole of a uniform distribution', () => {
    const { low, high } = calibrated('entropy', uniform)
    expect(low).toBeCloseTo(-1, 3)
    expect(high).toBeCloseTo(2, 1)
  })

  it('cuts rare outliers off that would cost all others their steps', () => {
    const { high, low } = calibrated('entropy', [...normal, 40, -35])
    expect(high).toBeLessThan(10)
    expect(high).toBeGreaterThan(2)
    expect(low).toBe(-high)
  })

  it('keeps outliers that are many', () => {
    const many = [...normal.slice(0, 20_000), ...normal.slice(0, 20_000).map((x) => 30 + x)]
    expect(calibrated('entropy', many).high).toBeGreaterThan(30)
  })

  it('of one sign keeps that sign', () => {
    const { low, high } = calibrated('entropy', normal.map(Math.abs))
    expect(low).toBeGreaterThanOrEqual(0)
    expect(high).toBeGreaterThan(2)
  })
})

it('numbers are counted divided by the smoothing of their channels', () => {
  const histogram = new Histogram({ low: 0, high: 4 }, 4)
  count(histogram, 'percentile', Float32Array.of(1, 20, 3, 30), Float32Array.of(1, 10))
  expect([...histogram.counts]).toEqual([0, 1, 1, 2])
})
