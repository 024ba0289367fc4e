import { expect, test } from 'vitest'
import {
  atLeastZero,
  belowOne,
  count,
  countFromOne,
  flag,
  fraction,
  type Range,
  resolveOptions,
} from './options.ts'

const table = { learningRate: [0.1, atLeastZero], nesterov: [false, flag] } as const

test('defaults stand in for options that are not given or undefined', () => {
  expect(resolveOptions('sgd', {}, table)).toEqual({ learningRate: 0.1, nesterov: false })
  const given: object = { learningRate: undefined, nesterov: true }
  expect(resolveOptions('sgd', given, table)).toEqual({ learningRate: 0.1, nesterov: true })
})

test('an unknown option is refused with the nearest name', () => {
  const given: object = { learningrate: 1 }
  expect(() => resolveOptions('sgd', given, table)).toThrow(
    expect.objectContaining({
      code: 'optim/unknown-option',
      message: "sgd has no option 'learningrate'; did you mean 'learningRate'?",
      facts: { owner: 'sgd', option: 'learningrate', nearest: 'learningRate' },
    }),
  )
  expect(() => resolveOptions('sgd', { zzzzzzzz: 1 } as object, table)).toThrow(
    'there are learningRate, nesterov',
  )
})

test('a value outside its range is refused with the range in words', () => {
  expect(() => resolveOptions('sgd', { learningRate: -1 }, { learningRate: [0.1, atLeastZero] })).toThrow(
    expect.objectContaining({
      code: 'optim/option-range',
      message: 'sgd: learningRate must be a number ≥ 0, not -1',
      facts: { owner: 'sgd', option: 'learningRate', value: -1 },
    }),
  )
})

const samples = [-1, 0, 0.5, 1, 1.5, 2, Number.NaN, Number.POSITIVE_INFINITY, '1', null, true]

test.each<[string, Range, unknown[]]>([
  ['atLeastZero', atLeastZero, [0, 0.5, 1, 1.5, 2]],
  ['belowOne', belowOne, [0, 0.5]],
  ['fraction', fraction, [0, 0.5, 1]],
  ['count', count, [0, 1, 2]],
  ['countFromOne', countFromOne, [1, 2]],
  ['flag', flag, [true]],
])('%s holds for its borders and nothing outside', (_, range, allowed) => {
  expect(samples.filter(range.holds)).toEqual(allowed)
})
