import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PackedValues } from './packed-values.ts'

test('packed values come out as they went in, over the borders of the buffer', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary', minLength: 5000 }))),
      (values) => {
        const packed = new PackedValues<unknown>()
        expect(values.map((value) => packed.push(value))).toEqual(values.map((_, index) => index))
        expect(packed.length).toBe(values.length)
        expect(values.map((_, index) => packed.at(index))).toEqual(JSON.parse(JSON.stringify(values)))
      },
    ),
    { numRuns: 50, seed: 7 },
  )
  const packed = new PackedValues<string>()
  const long = 'é'.repeat(100_000)
  expect([packed.push(long), packed.push('short')]).toEqual([0, 1])
  expect([packed.at(0), packed.at(1)]).toEqual([long, 'short'])
})
