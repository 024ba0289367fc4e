import { describe, expect, it } from 'vitest'
import { expectUnchanged, opsAfterRewriting } from '../../../test/support/rewriting.ts'
import { float32 } from '../../core/index.ts'
import { constant, input, rewrite, type Tensor } from '../index.ts'

const x = input('x', [2, 3])
const z = input('z', [3])
const point = input('point', [])

const merging: readonly [string, Tensor, object][] = [
  ['(x · 2) · 3', x.mul(2).mul(3), { mul: 1 }],
  ['3 · (2 · x)', x.scalar(3).mul(x.scalar(2).mul(x)), { mul: 1 }],
  ['(x · 2) · ½', x.mul(2).mul(0.5), {}],
  ['x / 3', x.div(3), { mul: 1 }],
  ['x / 3 / 7 · 2', x.div(3).div(7).mul(2), { mul: 1 }],
  ['−(x · 2)', x.mul(2).neg(), { mul: 1 }],
  ['x + (−z)', x.add(z.neg()), { sub: 1 }],
  ['(−z) + x', z.neg().add(x), { sub: 1 }],
]

describe('mergeScalars', () => {
  it.each(merging)('merges %s', async (_, same, left) => {
    const y = same.exp()
    expect(opsAfterRewriting(y)).toEqual({ exp: 1, ...left })
    await expectUnchanged(y)
  })

  it('never changes a shape, though a factor of one element may have raised the rank', async () => {
    const factor = constant(float32([1, 1], [2]))
    for (const y of [
      point.div(factor),
      point.mul(3).mul(factor),
      factor.mul(point).mul(3),
      point.mul(factor).neg(),
    ]) {
      expect(rewrite({ y }).y.shape).toEqual([1, 1])
      await expectUnchanged(y)
    }
  })

  it('does not touch integers', () => {
    expect(opsAfterRewriting(input('n', [3], 'int64').div(3))).toEqual({ div: 1 })
  })
})
