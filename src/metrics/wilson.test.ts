import { expect, test } from 'vitest'
import { wilson } from './wilson.ts'

// scipy 1.x: binomtest(successes, trials).proportion_ci(method='wilson')
test.each([
  [0, 10, 0, 0.277533],
  [5, 10, 0.236593, 0.763407],
  [10, 10, 0.722467, 1],
  [85, 100, 0.767166, 0.90694],
])('of %i in %i', (successes, trials, low, high) => {
  const { rate, interval } = wilson(successes, trials)
  expect(rate).toBe(successes / trials)
  expect(interval[0]).toBeCloseTo(low, 5)
  expect(interval[1]).toBeCloseTo(high, 5)
})

test('the end of what always fails or succeeds is exact', () => {
  for (let trials = 1; trials <= 500; trials++) {
    expect(wilson(0, trials).interval[0]).toBe(0)
    expect(wilson(trials, trials).interval[1]).toBe(1)
  }
})

test('without trials nothing is known', () => {
  expect(wilson(0, 0)).toEqual({ rate: Number.NaN, interval: [0, 1] })
})
