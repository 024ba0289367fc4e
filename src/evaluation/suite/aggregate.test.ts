import { expect, test } from 'vitest'
import { aggregate } from './aggregate.ts'
import type { Findings } from './evaluator.ts'
import type { Measured } from './measured.ts'

const findings = (accuracy: Measured): Findings => ({
  metrics: { accuracy, other: accuracy },
  headline: ['accuracy'],
  samples: {},
  sections: [],
})
const of = (value: number, better: 'max' | 'min' = 'max'): Measured => ({ value, better, count: 4 })
const over = (...values: Measured[]) =>
  aggregate(Object.fromEntries(values.map((value, i) => [`set${i}`, { zeroShot: findings(value) }])))

test('the mean stands beside the worst data set and the spread, n − 1 in the denominator', () => {
  expect(over(of(0.9), of(0.5), of(0.7))).toEqual({
    'zeroShot/accuracy': {
      mean: expect.closeTo(0.7, 12),
      worst: { test: 'set1', measured: of(0.5) },
      spread: expect.closeTo(0.2, 12),
      tests: 3,
    },
  })
})

test('the worst of errors is the largest, and of one data set there is no spread', () => {
  expect(over(of(1, 'min'), of(3, 'min'))['zeroShot/accuracy']!.worst.test).toBe('set1')
  expect(over(of(0.9))['zeroShot/accuracy']).not.toHaveProperty('spread')
})

test('what is not a number is worse than any', () => {
  const { mean, worst } = over(of(0.1), of(Number.NaN), of(0.9))['zeroShot/accuracy']!
  expect([mean, worst.test]).toEqual([Number.NaN, 'set1'])
})
