import { expect, test } from 'vitest'
import { DataError } from '../../core/index.ts'
import { labelsOf } from './label-values.ts'

const kinds = { place: { kind: 'position' } } as const
const bad = (problem: string) => new DataError('data/bad-label', problem)

test.each<[unknown, readonly number[] | undefined]>([
  [
    [1, 2.5, -3],
    [1, 2.5, -3],
  ],
  [new Float32Array([1, 2.5]), [1, 2.5]],
  [7n, [7]],
  [
    [1n, 0n],
    [1, 0],
  ],
  [true, [1]],
  ['1 2.5,\t-3e-1 ', [1, 2.5, -0.3]],
  [null, undefined],
  [undefined, undefined],
  ['  ', undefined],
  [[], undefined],
])('%o are numbers', (value, numbers) => {
  const kinds = { place: { kind: 'number', length: numbers?.length ?? 1 } } as const
  expect(labelsOf({ place: value, other: 'x' }, kinds, bad)).toEqual(numbers ? { place: numbers } : {})
})

test.each(['near', '1 two', { x: 1 }, [[1]], [null, 1], [1n, 'x'], Number.NaN, '1 Infinity', new Date(0)])(
  '%o are not',
  (value) => {
    expect(() => labelsOf({ place: value }, kinds, bad)).toThrow(
      /its label "place" is .*, which is no list of numbers/,
    )
  },
)

test('not a number is called so', () => {
  expect(() => labelsOf({ place: [Number.NaN, 1] }, kinds, bad)).toThrow(/is \["NaN",1\], which/)
})

test('without a description there are no labels', () => {
  expect(labelsOf({ place: [1] }, {}, bad)).toBeUndefined()
})
