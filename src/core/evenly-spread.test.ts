import { expect, test } from 'vitest'
import { evenlySpread } from './evenly-spread.ts'

test('numbers are spread evenly from 0 on, and are all of them where there are few', () => {
  expect(evenlySpread(10, 4)).toEqual([0, 2, 5, 7])
  expect(evenlySpread(3, 8)).toEqual([0, 1, 2])
  expect(evenlySpread(0, 8)).toEqual([])
})
