import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32 } from '../../core/index.ts'
import { gradients, input } from '../index.ts'

const x = input('x', [2, 3])
const feeds = { x: float32([2, 3], [1, 2, 3, 4, 5, 6]) }

describe('reductions', () => {
  it.each(['sum', 'mean', 'max', 'logSumExp'] as const)('%s over no axis changes nothing', async (name) => {
    const y = x[name]([])
    expect(y.shape).toEqual([2, 3])
    const results = await evaluate({ y, dx: gradients(y.sum(), [x])[0]! }, feeds)
    results.y!.forEach((value, i) => {
      expect(value).toBeCloseTo(i + 1, 5)
    })
    expect(results.dx).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('of a scalar is the scalar', async () => {
    const one = input('one', [])
    const results = await evaluate(
      { sum: one.sum(), max: one.max(), mean: one.mean() },
      { one: float32([], [4]) },
    )
    expect(results).toEqual({ sum: [4], max: [4], mean: [4] })
  })

  it('takes negative axes and keeps them when asked', async () => {
    const results = await evaluate({ rows: x.sum(-1, { keep: true }), all: x.mean([-2, 1]) }, feeds)
    expect(results).toEqual({ rows: [6, 15], all: [3.5] })
    expect(x.sum(-1, { keep: true }).shape).toEqual([2, 1])
  })

  it('logSumExp neither overflows nor underflows', async () => {
    const far = { x: float32([2, 3], [1000, 1000, 0, -1000, -1000, -2000]) }
    const { y } = await evaluate({ y: x.logSumExp(1) }, far)
    expect(y![0]).toBeCloseTo(1000 + Math.log(2), 3)
    expect(y![1]).toBeCloseTo(-1000 + Math.log(2), 3)
  })

  it('argMax takes the first of equals', async () => {
    const flat = { x: float32([2, 3], [7, 7, 1, 0, 2, 2]) }
    expect(await evaluate({ y: x.argMax(-1) }, flat)).toEqual({ y: [0, 1] })
  })
})
