import { assert as always, double, property } from 'fast-check'
import { expect, test } from 'vitest'
import { clipFactor } from './gradient-clipping.ts'

const positive = double({ min: 1e-3, max: 1e6, noNaN: true })

test('never lengthens a gradient and never lets it exceed the largest norm', () => {
  const bounded = property(positive, positive, (norm, maxNorm) => {
    const factor = clipFactor(norm, maxNorm)
    expect(factor).toBeLessThanOrEqual(1)
    expect(factor * norm).toBeLessThanOrEqual(maxNorm)
  })
  always(bounded, { seed: 7 })
})

test('leaves what is short enough to the bit, and a gradient of zero', () => {
  expect(clipFactor(0.5, 1)).toBe(1)
  expect(clipFactor(0, 1)).toBe(1)
  expect(clipFactor(7, Number.POSITIVE_INFINITY)).toBe(1)
})

test('shows a NaN, and lets nothing of an infinite gradient through', () => {
  expect(clipFactor(Number.NaN, 1)).toBeNaN()
  expect(clipFactor(Number.POSITIVE_INFINITY, 1)).toBe(0)
})
