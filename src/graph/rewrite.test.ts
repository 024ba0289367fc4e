import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countOps, expectUnchanged, opsAfterRewriting } from '../../test/support/rewriting.ts'
import { float32, int64 } from '../core/index.ts'
import { concat, constant, input, rewrite, type Tensor } from './index.ts'

// The single rules are tested beside them in rewrites/.

const x = input('x', [2, 3])

describe('rewrite', () => {
  it('leaves dead nodes behind', () => {
    x.exp().sin()
    const [first] = x.mul(2).split([1, 2], 1)
    expect(opsAfterRewriting(first!)).toEqual({ mul: 1, split: 1 })
  })

  it('computes equal nodes once, whatever way they were built', () => {
    const y = x
      .exp()
      .mul(x.add(0).exp())
      .add(x.reshape([2, 3]).exp())
    expect(opsAfterRewriting(y)).toEqual({ exp: 1, mul: 1, add: 1 })
  })

  it('shares equal constants and nodes with several outputs', () => {
    const part = (i: number) => x.split([1, 2], 1)[i]!
    const y = part(0).mul(0.3).sum().add(part(1).mul(0.3).sum()).add(part(0).sum())
    const counts = countOps(rewrite({ y }))
    expect(counts).toMatchObject({ constant: 1, split: 1, mul: 2 })
  })

  it.each<[string, Tensor, Tensor]>([
    ['attributes', x.slice(1, 0, 2), x.slice(1, 1, 3)],
    ['infinite bounds', x.clamp(Number.NEGATIVE_INFINITY, 0), x.clamp(Number.POSITIVE_INFINITY, 0)],
    ['signs of zero', x.div(constant(float32([3], [0, 1, 1]))), x.div(constant(float32([3], [-0, 1, 1])))],
    ['dtypes', constant(float32([2], [1, 2])).cast('bool'), constant(int64([2], [1, 2])).cast('bool')],
    ['names', input('a', [2]).exp(), input('b', [2]).exp()],
    ['orders', x.sub(x.exp()), x.exp().sub(x)],
  ])('does not take nodes of different %s for equal', (_, a, b) => {
    const results = rewrite({ a, b })
    expect(results.a).not.toBe(results.b)
  })

  it('keeps the names and the order of the outputs', () => {
    const results = rewrite({ second: x.exp(), first: x, third: x.add(0) })
    expect(Object.keys(results)).toEqual(['second', 'first', 'third'])
    expect(results.first).toBe(x)
    expect(results.third).toBe(x)
  })

  it('is done after once', () => {
    const messy = x.mul(2).div(4).reshape([3, 2]).reshape([2, 3]).neg().add(x).transpose().transpose()
    const once = rewrite({ y: messy })
    expect(countOps(rewrite(once))).toEqual(countOps(once))
  })

  it('changes no value and no gradient of random graphs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 3, maxLength: 14 }), async (choices) => {
        await expectUnchanged(grow(choices))
      }),
      { numRuns: 40, seed: 7 },
    )
  })
})

const z = input('z', [3])
const w = input('w', [3, 1])

/** Steps from one [2, 3] to the next, rich in what the rules look for. */
const steps: readonly ((y: Tensor, other: Tensor) => Tensor)[] = [
  (y) => y.tanh(),
  (y) => y.neg(),
  (y) => y.add(0),
  (y) => y.mul(0.5),
  (y) => y.div(3),
  (y) => y.mul(1).detach().add(y),
  (y, other) => y.add(other.neg()),
  (y, other) => y.mul(other).tanh(),
  (y, other) => other.less(y).where(y, other),
  (y) => y.sub(z.expand([2, 3])),
  (y) => y.mul(y.mean(1, { keep: true }).expand([2, 3])),
  (y) => y.transpose().transpose(),
  (y) => y.reshape([6]).reshape([2, 3]),
  (y) => y.transpose().reshape([1, 3, 2]).transpose([2, 0, 1]).reshape([2, 3]),
  (y, other) => y.matmul(other.transpose()).matmul(y).tanh(),
  (y) => y.transpose().matmul(y).matmul(w).transpose().expand([2, 3]).tanh(),
  (y, other) => concat([y, other], 0).slice(0, 1, 3),
  (y) => y.pad([0, 1], [0, 0]).slice(1, 0, 3),
  (y, other) => concat(y.concat([other], 1).split([2, 4], 1), 1).slice(1, 3, 6),
  (y) => y.logSoftmax().mul(y.scalar(2).mul(0.25)),
  (y) => y.reshape([2, 1, 3]).sum(1).max([]),
]

/** A graph that follows the choices; each step may also see an earlier result. */
function grow(choices: readonly number[]): Tensor {
  const results: Tensor[] = [x]
  for (const choice of choices) {
    const step = steps[choice % steps.length]!
    results.push(step(results.at(-1)!, results[choice % results.length]!))
  }
  return results.at(-1)!
}
