import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { countOps } from '../../../test/support/rewriting.ts'
import { float32, int64, random } from '../../core/index.ts'
import { input, rewrite, rewriteForWebGpu, scatterAdd, type Tensor } from '../index.ts'

const a = input('a', [2, 3, 4])
const b = input('b', [2, 5, 4])
const m = input('m', [3, 4])

const numbers = ({ shape, size }: Tensor) => {
  const stream = random(7, `${shape}`)
  return float32(
    shape,
    Array.from({ length: size }, () => 10 * stream.normal()),
  )
}

const cases: readonly [string, Tensor, object][] = [
  [
    'a product with the right side transposed',
    a.matmul(b, { transposeB: true }),
    { transpose: 1, matmul: 1 },
  ],
  ['a product with the left side transposed', a.matmul(a, { transposeA: true }), { transpose: 1, matmul: 1 }],
  ['a scaled product', a.matmul(b.transpose(), { scale: 0.5 }), { mul: 1, transpose: 1, matmul: 1 }],
  ['a product of matrices', m.matmul(m, { transposeA: true }), { gemm: 1 }],
  ['a plain product', a.matmul(b.reshape([2, 4, 5])), { reshape: 1, matmul: 1 }],
  [
    'a product of what was transposed before',
    a.matmul(b.reshape([5, 2, 4]).transpose([1, 0, 2]), { transposeB: true }),
    { reshape: 1, transpose: 1, matmul: 1 },
  ],
  ['logSoftmax', a.logSoftmax(1), { max: 1, sub: 2, exp: 1, sum: 1, log: 1 }],
  ['logSumExp', a.logSumExp([0, 2]), { max: 1, sub: 1, exp: 1, sum: 1, log: 1, add: 1, reshape: 1 }],
]

describe('rewriteForWebGpu', () => {
  it.each(cases)('says %s with kernels that WebGPU has', async (_, y, expected) => {
    const before = rewrite({ y })
    const after = rewriteForWebGpu(before)
    const { input: _input, constant: _constant, ...counts } = countOps(after)
    expect(counts).toEqual(expected)

    const feeds = { a: numbers(a), b: numbers(b), m: numbers(m) }
    const reference = (await evaluate(before, feeds, { rewritten: false })).y!
    const values = (await evaluate(after, feeds, { rewritten: false })).y!
    const scale = Math.max(...reference.map(Math.abs))
    values.forEach((value, i) => {
      expect(Math.abs(value - reference[i]!) / scale).toBeLessThan(1e-6)
    })
  })

  it('keeps large logits finite', async () => {
    const x = input('x', [1, 3])
    const outputs = rewriteForWebGpu({ sum: x.logSumExp(), rows: x.logSoftmax() })
    const results = await evaluate(outputs, { x: float32([1, 3], [1000, 0, 1000]) }, { rewritten: false })
    expect(results.sum![0]).toBeCloseTo(1000 + Math.log(2), 3)
    expect(results.rows![1]).toBeCloseTo(-1000 - Math.log(2), 3)
  })

  it.each([1, 3])(
    'adds up rows without a scatter, in pieces where they are many (width %i)',
    async (width) => {
      const [size, count] = [5000, 4000]
      const [rows, at] = [input('rows', [count, width]), input('at', [count], 'int64')]
      const before = rewrite({ y: scatterAdd(size, at, rows) })
      const after = rewriteForWebGpu(before)
      expect(countOps(after)).not.toHaveProperty('scatterElements')
      expect(countOps(after)).toMatchObject({ gemm: 2, concat: 1 })

      const stream = random(7, 'indices')
      const indices = Array.from({ length: count }, () => stream.integer(2 * size) - size)
      const whole = Array.from({ length: count * width }, () => stream.integer(100))
      const feeds = { rows: float32([count, width], whole), at: int64([count], indices) }
      const [expected, found] = await Promise.all(
        [before, after].map((outputs) => evaluate(outputs, feeds, { rewritten: false })),
      )
      expect(found).toEqual(expected)
    },
  )
})
