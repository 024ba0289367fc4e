import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { countOps } from '../../../test/support/rewriting.ts'
import { float32, random } from '../../core/index.ts'
import { gradients, input, rewrite, rewriteInHalfPrecision, type Tensor, topologicalOrder } from '../index.ts'

const numbers = (name: string, count: number) => {
  const stream = random(3, name)
  return Float32Array.from({ length: count }, () => stream.normal())
}
const feeds = {
  a: float32([2, 3, 5], numbers('a', 30)),
  b: float32([2, 5, 4], numbers('b', 40)),
  rows: float32([3, 5], numbers('rows', 15)),
  weight: float32([4, 5], numbers('weight', 20)),
  bias: float32([4], [1e5, 1, 2 ** -13, 0]),
}
const leaf = (name: keyof typeof feeds) => input(name, feeds[name].shape)
const [a, b, rows, weight, bias] = (['a', 'b', 'rows', 'weight', 'bias'] as const).map(leaf) as [
  Tensor,
  Tensor,
  Tensor,
  Tensor,
  Tensor,
]

/** To the nearest float16: 11 significant bits, none below 2⁻²⁴. */
function half(x: number): number {
  const unit = Math.max(2 ** (Math.floor(Math.log2(Math.abs(x))) - 10), 2 ** -24)
  const down = Math.floor(x / unit)
  const rest = x / unit - down
  return (down + (rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? 1 : 0)) * unit
}

/** What `y` is in half precision where kernels compute in float32. */
const inHalf = async (y: Tensor, given: Parameters<typeof evaluate>[1] = feeds) =>
  (await evaluate(rewriteInHalfPrecision({ y }, 'float32'), given)).y!

describe('halveProducts', () => {
  it('rounds the operands and the product, and sums in float32', async () => {
    expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -24, 2 ** -25].map(half)).toEqual([
      1,
      1 + 2 ** -9,
      2 ** -24,
      0,
    ])
    const y = await inHalf(rows.gemm(weight, undefined, { transposeB: true }))
    const [left, right] = [feeds.rows.data, feeds.weight.data].map((data) => Array.from(data, half)) as [
      number[],
      number[],
    ]
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 4; column++) {
        let sum = 0
        for (let k = 0; k < 5; k++) sum += left[row * 5 + k]! * right[column * 5 + k]!
        expect(y[row * 4 + column]).toBe(half(sum))
      }
    }
  })

  it('adds biases in float32', async () => {
    const plain = await inHalf(rows.gemm(weight, undefined, { transposeB: true }))
    const y = await inHalf(rows.gemm(weight, bias, { transposeB: true }))
    expect(y).toEqual(plain.map((value, i) => Math.fround(value + feeds.bias.data[i % 4]!)))
  })

  it('overflows where halves do', async () => {
    const large = { x: float32([1, 1], [300]), big: float32([1, 1], [7e4]) }
    const [x, big] = [input('x', [1, 1]), input('big', [1, 1])]
    expect(await inHalf(x.matmul(x), large)).toEqual([Number.POSITIVE_INFINITY])
    expect(await inHalf(x.matmul(big.mul(0.5)), large)).toEqual([Number.POSITIVE_INFINITY])
    expect(await inHalf(big.matmul(input('z', [1, 1])), { ...large, z: float32([1, 1], [0]) })).toEqual([
      Number.NaN,
    ])
  })

  it('leaves what is exact, forward and backward', () => {
    const y = a.matmul(b, { exact: true }).square().sum()
    const outputs = Object.fromEntries(gradients(y, [a, b]).map((dy, i) => [`d${i}`, dy]))
    expect(countOps(rewriteInHalfPrecision(outputs, 'float16'))).not.toHaveProperty('cast')
  })

  it('halves the products of the backward pass, and neither their sums nor the softmax', () => {
    const y = a.matmul(b, { scale: 0.5 }).softmax().matmul(weight).add(1).square().sum()
    const outputs = Object.fromEntries(gradients(y, [a, b, weight]).map((dy, i) => [`d${i}`, dy]))
    for (const kernels of ['float16', 'float32'] as const) {
      const nodes = topologicalOrder(Object.values(rewrite(rewriteInHalfPrecision(outputs, kernels))))
      const products = nodes.filter(({ op }) => op === 'matmul')
      expect(products).toHaveLength(6)
      for (const { inputs, outputs } of products) {
        for (const { node } of inputs) expect(node).toMatchObject({ op: 'cast', attributes: { to: kernels } })
        expect(outputs[0]!.dtype).toBe(kernels)
      }
      for (const { op, outputs } of nodes)
        if (op !== 'matmul' && op !== 'cast') expect(outputs[0]!.dtype, op).not.toBe('float16')
    }
  })
})
