import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { interpolateRotation } from './interpolate-rotation.ts'

const part = fc.double({ min: 0, max: 1, noNaN: true })
const axis = fc
  .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }))
  .map(([a, b]) => [Math.cos(3 * a) * Math.cos(b), Math.sin(3 * a) * Math.cos(b), Math.sin(b)])

const close = (actual: readonly number[], expected: readonly number[]) => {
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 6)
}

describe('interpolateRotation', () => {
  it('about one axis interpolates the angle, the short way round', () => {
    fc.assert(
      fc.property(
        axis,
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        part,
        (u, from, turn, t) => {
          const angle = from + t * turn
          const wrapped = Math.atan2(Math.sin(angle), Math.cos(angle))
          if (Math.abs(Math.abs(wrapped) - Math.PI) < 1e-3) return // there both directions are one rotation
          const scaled = (by: number) => u.map((value) => value * by)
          close(interpolateRotation(scaled(from), scaled(from + turn), t), scaled(wrapped))
        },
      ),
      { seed: 7 },
    )
  })

  it('begins at the one and ends at the other', () => {
    fc.assert(
      fc.property(
        axis,
        axis,
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (u, v, a, b) => {
          const [from, to] = [u.map((x) => x * a), v.map((x) => x * b)]
          close(interpolateRotation(from, to, 0), from)
          close(interpolateRotation(from, to, 1), to)
        },
      ),
      { seed: 7 },
    )
  })

  it('of a rotation with itself is that rotation, of nothing is nothing', () => {
    close(interpolateRotation([0.3, -1, 2], [0.3, -1, 2], 0.4), [0.3, -1, 2])
    close(interpolateRotation([0, 0, 0], [0, 0, 0], 0.4), [0, 0, 0])
    close(interpolateRotation([0, 0, 0], [0, 1, 0], 0.25), [0, 0.25, 0])
  })
})
