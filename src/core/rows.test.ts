import { describe, expect, test } from 'vitest'
import { float32, type HostArray, hostArray, int64 } from './host-array.ts'
import { concatenateRows, gatherRows, joinRows, sliceRows, splitRows } from './rows.ts'

/** Three rows [2, 2] of each dtype; the first number of a row is 10 times its index. */
const numbers = [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23]
const arrays: readonly HostArray[] = [
  float32([3, 2, 2], numbers),
  int64([3, 2, 2], numbers),
  hostArray('uint8', [3, 2, 2], Uint8Array.from(numbers)),
  hostArray('float16', [3, 2, 2], Uint16Array.from(numbers)),
]

const valuesOf = ({ data }: HostArray): number[] => Array.from(data as ArrayLike<number | bigint>, Number)

describe.each(arrays)('rows of $dtype', (array) => {
  test('a slice is a view', () => {
    const slice = sliceRows(array, 1, 3)
    expect(slice).toMatchObject({ dtype: array.dtype, shape: [2, 2, 2] })
    expect(valuesOf(slice)).toEqual(numbers.slice(4))
    expect(slice.data.buffer).toBe(array.data.buffer)
    expect(sliceRows(array, 3, 3)).toMatchObject({ shape: [0, 2, 2] })
  })

  test('gathering copies rows in any order, some of them twice', () => {
    const gathered = gatherRows(sliceRows(array, 1, 3), [1, 0, 1])
    expect(gathered).toMatchObject({ dtype: array.dtype, shape: [3, 2, 2] })
    expect(valuesOf(gathered)).toEqual([20, 21, 22, 23, 10, 11, 12, 13, 20, 21, 22, 23])
    expect(gathered.data.buffer).not.toBe(array.data.buffer)
    expect(gatherRows(array, [])).toMatchObject({ shape: [0, 2, 2] })
  })

  test('concatenating the pieces gives the whole', () => {
    const pieces = [sliceRows(array, 0, 1), sliceRows(array, 1, 1), sliceRows(array, 1, 3)]
    expect(concatenateRows(pieces)).toEqual(array)
  })
})

test('scalars are rows too', () => {
  const flags = hostArray('bool', [3], Uint8Array.of(1, 0, 1))
  expect(gatherRows(flags, [2, 1])).toEqual(hostArray('bool', [2], Uint8Array.of(1, 0)))
})

test('bits are kept that arithmetic would change', () => {
  const bits = Uint32Array.of(0x7fa00001, 0x80000000) // a signalling NaN and −0
  const array = hostArray('float32', [2], new Float32Array(bits.buffer))
  expect(new Uint32Array(gatherRows(array, [1, 0]).data.buffer)).toEqual(bits.toReversed())
})

test.each([
  ['dtype', float32([1, 2], [1, 2]), int64([1, 2], [1, 2])],
  ['row shape', float32([1, 2], [1, 2]), float32([2, 1], [1, 2])],
  ['rank', float32([1, 2], [1, 2]), float32([2], [1, 2])],
])('arrays that differ in %s are not concatenated', (_, one, other) => {
  const attempt = () => concatenateRows<'float32' | 'int64'>([one, other])
  expect(attempt).toThrow(expect.objectContaining({ code: 'shape/join-rows' }))
})

test('nothing is not concatenated', () => {
  expect(() => concatenateRows([])).toThrow(expect.objectContaining({ code: 'shape/join-rows' }))
})

test('flat values split into views and join again', () => {
  const values = Float32Array.from(numbers)
  const rows = splitRows(values, 3)
  expect(rows.map((row) => [...row])).toEqual([numbers.slice(0, 4), numbers.slice(4, 8), numbers.slice(8)])
  expect(rows[2]?.buffer).toBe(values.buffer)
  expect(joinRows(rows)).toEqual(values)
  expect(splitRows(BigInt64Array.of(1n, 2n), 2)).toEqual([BigInt64Array.of(1n), BigInt64Array.of(2n)])
  expect(splitRows(new Float32Array(0), 0)).toEqual([])
})

test('rows of several lengths join, and none give none', () => {
  expect([...joinRows([Float32Array.of(1), Float32Array.of(2, 3)])]).toEqual([1, 2, 3])
  expect(joinRows([])).toHaveLength(0)
})
