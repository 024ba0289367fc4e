import { describe, expect, it } from 'vitest'
import { floatingPointOperations, matrixProducts } from '../../benchmarks/floating-point-operations.ts'
import { gradients, input, rewrite, type Tensor, topologicalOrder } from '../../src/graph/index.ts'

const nodesOf = (...outputs: Tensor[]) => topologicalOrder(outputs)

describe('floating-point operations of a graph', () => {
  it.each([
    { transposeA: false, transposeB: false },
    { transposeA: true, transposeB: false },
    { transposeA: false, transposeB: true },
    { transposeA: true, transposeB: true },
  ])(
    'are two for each element met in a product, however it is stored: $transposeA $transposeB',
    (options) => {
      const a = input('a', options.transposeA ? [5, 3] : [3, 5])
      const b = input('b', options.transposeB ? [7, 5] : [5, 7])
      expect(floatingPointOperations(nodesOf(a.gemm(b, undefined, options)))).toBe(2 * 3 * 5 * 7)
      expect(floatingPointOperations(nodesOf(a.matmul(b, options)))).toBe(2 * 3 * 5 * 7)
    },
  )

  it('count every matrix of a broadcast batch', () => {
    const product = input('a', [4, 1, 3, 5]).matmul(input('b', [6, 5, 7]))
    expect(floatingPointOperations(nodesOf(product))).toBe(4 * 6 * 2 * 3 * 5 * 7)
  })

  it('of a linear layer with its gradients are three times those of its value', () => {
    const [x, weight, bias] = [input('x', [8, 5]), input('w', [3, 5]), input('b', [3])]
    const y = x.gemm(weight, bias, { transposeB: true })
    const all = gradients(y.square().sum(), [x, weight, bias])
    const { value, ...rest } = rewrite({ value: y, dx: all[0]!, dw: all[1]!, db: all[2]! })
    const forward = floatingPointOperations(nodesOf(value))
    expect(forward).toBe(2 * 8 * 5 * 3)
    expect(floatingPointOperations(nodesOf(value, ...Object.values(rest)))).toBe(3 * forward)
  })

  it('are none where there is no product', () => {
    expect(floatingPointOperations(nodesOf(input('x', [3]).exp().sum()))).toBe(0)
  })
})

describe('matrix products of a graph', () => {
  it('of one shape are told together, the largest share of the work first', () => {
    const x = input('x', [2, 2])
    const small = x.gemm(x).gemm(x)
    const large = input('y', [50, 50]).gemm(input('z', [50, 50]))
    expect(matrixProducts(nodesOf(small, large))).toMatchObject([
      { rows: 50, inner: 50, columns: 50, count: 1 },
      { rows: 2, inner: 2, columns: 2, count: 2 },
    ])
  })
})
