import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
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

  it.each([
    ['x · 1e30 · 1e30', 1e-30, (t: Tensor) => t.mul(1e30).mul(1e30), 1e30],
    ['x · 1e-30 · 1e-30', 1e30, (t: Tensor) => t.mul(1e-30).mul(1e-30), 1e-30],
    ['x · −1e25 · 1e25', 1e-30, (t: Tensor) => t.mul(-1e25).mul(1e25), -1e20],
    ['x / 1e-30 / 1e-30', 1e-30, (t: Tensor) => t.div(1e-30).div(1e-30), 1e30],
    ['x / 1e30 / 1e30', 1e35, (t: Tensor) => t.div(1e30).div(1e30), 1e-25],
    ['x / 1e-40', 1e-30, (t: Tensor) => t.div(1e-40), 1e10],
    ['x / 3e38', 3e38, (t: Tensor) => t.div(3e38), 1],
  ])('leaves %s what it is in steps', async (_, at, build, expected) => {
    const { y } = await evaluate({ y: build(x) }, { x: float32([2, 3], new Array<number>(6).fill(at)) })
    for (const value of y!) expect(value / expected).toBeCloseTo(1, 4)
  })

  it('merges zero and infinity, which are what they are in steps too', async () => {
    expect(opsAfterRewriting(x.mul(0).mul(3))).toEqual({ mul: 1 })
    const outputs = { zero: x.mul(0).mul(3), endless: x.mul(Number.POSITIVE_INFINITY).mul(1e30) }
    const { zero, endless } = await evaluate(outputs, { x: float32([2, 3], [1, 2, 3, 4, 5, 6]) })
    expect([...new Set(zero), ...new Set(endless)]).toEqual([0, Number.POSITIVE_INFINITY])
  })

  it('does not touch integers', () => {
    expect(opsAfterRewriting(input('n', [3], 'int64').div(3))).toEqual({ div: 1 })
  })
})
