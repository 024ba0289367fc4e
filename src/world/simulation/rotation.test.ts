import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Vector3 } from '../renderer/index.ts'
import { multiply, transpose } from './frame.ts'
import { rotationMatrix, rotationVector } from './rotation.ts'

const axis = fc
  .tuple(
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
  )
  .filter((v) => Math.hypot(...v) > 0.1)
  .map((v) => v.map((x) => x / Math.hypot(...v)) as unknown as Vector3)

test('a rotation vector survives the way through its matrix', () => {
  fc.assert(
    fc.property(axis, fc.double({ min: 0, max: Math.PI - 1e-3, noNaN: true }), (unit, angle) => {
      const vector = rotationVector(rotationMatrix(unit.map((x) => x * angle) as unknown as Vector3))
      vector.forEach((x, i) => {
        expect(x).toBeCloseTo(unit[i]! * angle, 6)
      })
    }),
    { seed: 7 },
  )
})

test.each([
  [[Math.PI, 0, 0]],
  [[0, Math.PI, 0]],
  [[0, 0, Math.PI]],
  [[Math.PI / Math.sqrt(2), Math.PI / Math.sqrt(2), 0]],
] as const)('half a turn about %j keeps its axis', (vector) => {
  const again = rotationVector(rotationMatrix(vector))
  expect(Math.hypot(...again)).toBeCloseTo(Math.PI, 6)
  again.forEach((x, i) => {
    expect(x).toBeCloseTo(vector[i]!, 5)
  })
})

test('a quarter turn about z takes x to y', () => {
  const r = rotationMatrix([0, 0, Math.PI / 2])
  expect([r[0], r[3], r[6]].map((x) => Math.round(x! * 1e9) / 1e9)).toEqual([0, 1, 0])
  expect(Array.from(multiply(r, transpose(r)), (x) => Math.round(x))).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1])
})
