import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32, hostArray, int64 } from '../../core/index.ts'
import { constant, gradients, input } from '../index.ts'

// Values and gradients over many shapes are in test/gradients; here is what floats of 32 bits do not show.

const bool = (...values: number[]) => constant(hostArray('bool', [values.length], Uint8Array.from(values)))
const x = input('x', [5])
const feeds = { x: float32([5], [-2.7, -0.4, 0, 1.5, 300.25]) }

describe('cast', () => {
  it('truncates to integers, tells zero from the rest, and rounds to halves', async () => {
    const results = await evaluate(
      {
        int64: x.cast('int64'),
        int32: x.cast('int32'),
        bool: x.cast('bool'),
        half: x.cast('float16').cast('float32'),
        back: x.greater(0).cast('float32'),
      },
      feeds,
    )
    expect(results.int64).toEqual([-2, 0, 0, 1, 300])
    expect(results.int32).toEqual([-2, 0, 0, 1, 300])
    expect(results.bool).toEqual([1, 1, 0, 1, 1])
    expect(results.half).toEqual([-2.69921875, -0.39990234375, 0, 1.5, 300.25])
    expect(results.back).toEqual([0, 0, 0, 1, 1])
  })

  it('passes the gradient between floats and cuts it at integers', async () => {
    const through = x.cast('float16').square().cast('float32').sum()
    const cut = x.cast('int64').cast('float32').mul(x).sum()
    const [dThrough] = gradients(through, [x])
    const [dCut] = gradients(cut, [x])
    const results = await evaluate({ dThrough: dThrough!, dCut: dCut! }, feeds)
    // ONNX Runtime drops some of the roundings, see test/onnxruntime.
    ;[-5.4, -0.8, 0, 3, 600.5].forEach((value, i) => {
      expect(results.dThrough![i]).toBeCloseTo(value, 2)
    })
    expect(results.dCut).toEqual([-2, 0, 0, 1, 300])
  })

  it('to its own dtype is no node', () => {
    expect(x.cast('float32')).toBe(x)
  })
})

describe('booleans', () => {
  it('not, and, equal', async () => {
    const a = bool(0, 0, 1, 1)
    const b = bool(0, 1, 0, 1)
    const results = await evaluate({ not: a.not(), and: a.and(b), equal: a.equal(b) })
    expect(results).toEqual({ not: [1, 1, 0, 0], and: [0, 0, 0, 1], equal: [1, 0, 0, 1] })
  })

  it('greater and greaterOrEqual are the mirrors of less and lessOrEqual', async () => {
    const results = await evaluate({ more: x.greater(0), most: x.greaterOrEqual(0) }, feeds)
    expect(results).toEqual({ more: [0, 0, 0, 1, 1], most: [0, 0, 1, 1, 1] })
  })
})

describe.each(['int64', 'int32'] as const)('%s arithmetic', (dtype) => {
  it('is exact, truncates when dividing, and agrees with folded constants', async () => {
    const fed = x.cast(dtype)
    const folded = constant(int64([5], [-7, -3, 0, 5, 9]))
      .cast('float32')
      .cast(dtype)
    const results = await evaluate(
      {
        sum: fed.add(1).mul(3).sub(fed),
        half: folded.div(2),
        clamped: fed.clamp(-1, 10),
        most: fed.maximum(1).neg().abs(),
        all: fed.sum(),
      },
      feeds,
    )
    expect(results.sum).toEqual([-1, 3, 3, 5, 603])
    expect(results.half).toEqual([-3, -1, 0, 2, 4])
    expect(results.clamped).toEqual([-1, 0, 0, 1, 10])
    expect(results.most).toEqual([1, 1, 1, 1, 300])
    expect(results.all).toEqual([299])
  })
})

describe('float16', () => {
  it('runs forward and backward like float32, with 3 digits', async () => {
    const weight = input('weight', [5])
    const build = (dtype: 'float16' | 'float32') => {
      const h = x.mul(0.01).cast(dtype)
      const bias = h.scalar(0).expand([5])
      const y = h.gelu('quick').layerNorm(weight.cast(dtype), bias).clamp(-1, 1.2).pad([1], [0]).softmax()
      const loss = y.square().mean().cast('float32')
      return [loss, ...gradients(loss, [x, weight])] as const
    }
    const [loss, dx, dw] = build('float32')
    const [half, dxHalf, dwHalf] = build('float16')
    const results = await evaluate(
      { loss, dx: dx!, dw: dw!, half, dxHalf: dxHalf!, dwHalf: dwHalf! },
      { ...feeds, weight: float32([5], [0.5, 1, 1.5, 0.7, 0.4]) },
    )
    expectNear(results.half!, results.loss!)
    expectNear(results.dwHalf!, results.dw!)
    expectNear(results.dxHalf!, results.dx!)
  })

  const expectNear = (actual: readonly number[], expected: readonly number[]) => {
    const scale = Math.max(...expected.map(Math.abs))
    expected.forEach((value, i) => {
      expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-2 * scale)
    })
  }
})

describe('detach', () => {
  it('keeps the value and stops the gradient', async () => {
    const y = x.mul(x.detach())
    const results = await evaluate({ y, dx: gradients(y.sum(), [x])[0]! }, feeds)
    expect(results.dx).toEqual([...feeds.x.data])
    expect(results.y![3]).toBe(2.25)
  })
})
