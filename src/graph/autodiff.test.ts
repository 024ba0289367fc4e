import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { float32 } from '../core/index.ts'
import { concat, gradients, gradientsOf, input, type Tensor, topologicalOrder } from './index.ts'

// The rule of every op is checked in test/gradients; here is how autodiff walks the graph.

const x = input('x', [3])
const z = input('z', [3])
const feeds = { x: float32([3], [1, 2, 3]), z: float32([3], [5, 6, 7]) }

describe('gradients', () => {
  it('adds up the ways by which y depends on x', async () => {
    const h = x.square()
    const y = h.mul(x).add(h).add(x.mul(4))
    const [dx] = gradients(y.sum(), [x])
    expect(await evaluate({ dx: dx! }, feeds)).toEqual({ dx: [1, 2, 3].map((v) => 3 * v * v + 2 * v + 4) })
  })

  it('is zero where y does not depend on x, and one for y itself', async () => {
    const y = x.sum()
    const [dz, dy] = gradients(y, [z, y])
    expect(await evaluate({ dz: dz!, dy: dy! }, feeds)).toEqual({ dz: [0, 0, 0], dy: [1] })
  })

  it('is taken with respect to values in the middle too', async () => {
    const h = x.mul(2)
    const [dh, dx] = gradients(h.square().sum(), [h, x])
    expect(await evaluate({ dh: dh!, dx: dx! }, feeds)).toEqual({ dh: [4, 8, 12], dx: [8, 16, 24] })
  })

  it('takes the gradient that flows in', async () => {
    const [dx] = gradients(x.square(), [x], z)
    expect(await evaluate({ dx: dx! }, feeds)).toEqual({ dx: [10, 24, 42] })
  })

  it('can be differentiated again', async () => {
    const [first] = gradients(x.mul(x).mul(x).sum(), [x])
    const [second] = gradients(first!.sum(), [x])
    expect(await evaluate({ second: second! }, feeds)).toEqual({ second: [6, 12, 18] })
  })

  it.each([
    ['matmul', (a: Tensor, b: Tensor) => a.matmul(b)],
    ['gemm', (a: Tensor, b: Tensor) => a.gemm(b, undefined, { transposeB: true })],
  ] as const)('of one side of a %s are those of both', async (_, product) => {
    const a = input('a', [2, 2])
    const b = input('b', [2, 2])
    const y = product(a, b).square().sum()
    const both = gradients(y, [a, b])
    const alone = [gradients(y, [a])[0]!, gradients(y, [b])[0]!]
    const results = await evaluate(
      { da: both[0]!, db: both[1]!, onlyA: alone[0]!, onlyB: alone[1]! },
      { a: float32([2, 2], [1, 2, 3, 4]), b: float32([2, 2], [5, 6, 7, 8]) },
    )
    expect(results.onlyA).toEqual(results.da)
    expect(results.onlyB).toEqual(results.db)
  })

  it('does not build products that nobody asked for', () => {
    const weight = input('weight', [4, 4])
    const [dWeight] = gradients(input('pixels', [2, 4]).gemm(weight).sum(), [weight])
    const products = topologicalOrder([dWeight!]).filter(({ op }) => op === 'gemm')
    expect(products).toHaveLength(1)
  })

  it('walks graphs far deeper than the call stack', () => {
    let y = x
    for (let i = 0; i < 20_000; i++) y = y.add(x)
    const [dx] = gradients(y.sum(), [x])
    expect(topologicalOrder([dx!]).length).toBeGreaterThan(20_000)
  })
})

describe('gradientsOf', () => {
  it('adds the gradients that flow in at several values', async () => {
    const a = x.mul(2)
    const b = a.square()
    const [dx] = gradientsOf(
      [
        { y: a, dy: z },
        { y: b.sum(), dy: b.scalar(1) },
        { y: a, dy: z },
      ],
      [x],
    )
    expect(await evaluate({ dx: dx! }, feeds)).toEqual({ dx: [1, 2, 3].map((v, i) => 4 * (5 + i) + 8 * v) })
  })

  it('fills in zeros at outputs of a split that nothing uses', async () => {
    const [, middle] = concat([x, z, x], 0).split([2, 4, 3], 0)
    const [dx, dz] = gradients(middle!.sum(), [x, z])
    expect(await evaluate({ dx: dx!, dz: dz! }, feeds)).toEqual({ dx: [0, 0, 1], dz: [1, 1, 1] })
  })
})
