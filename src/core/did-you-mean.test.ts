import { expect, test } from 'vitest'
import { didYouMean, nearestName } from './did-you-mean.ts'

const names = ['adamW', 'sgd', 'lion']

test.each([
  ['adamw', 'adamW'],
  ['adam', 'adamW'],
  ['lions', 'lion'],
  ['momentum', undefined],
  ['', undefined],
])('the name nearest to %o is %o', (wrong, nearest) => {
  expect(nearestName(wrong, names)).toBe(nearest)
})

test('a message ends with the nearest name, or with all that are known', () => {
  expect(didYouMean('adam', names)).toBe("; did you mean 'adamW'?")
  expect(didYouMean('momentum', new Set(names))).toBe('; there are adamW, sgd, lion')
  expect(didYouMean('adam', [])).toBe('')
})
