import { expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { countOps } from '../../../test/support/rewriting.ts'
import { float32, random } from '../../core/index.ts'
import { input, rewriteForCpu, type Tensor } from '../index.ts'

const [x, y] = [input('x', [100, 24]), input('y', [100, 40])]
const feeds = Object.fromEntries(
  Object.entries({ x, y }).map(([name, { shape, size }]) => {
    const stream = random(7, name)
    return [
      name,
      float32(
        shape,
        Array.from({ length: size }, () => stream.normal()),
      ),
    ]
  }),
)

it.each([
  ['a product over the rows', x.gemm(y, undefined, { transposeA: true })],
  ['a product of both transposed', x.gemm(y.transpose(), undefined, { transposeA: true, transposeB: true })],
  ['one with a bias', x.gemm(y, y.sum(0), { transposeA: true })],
])('transposes before %s', async (_, product) => {
  const rewritten = rewriteForCpu({ product })
  expect(countOps(rewritten).transpose).toBe((countOps({ product }).transpose ?? 0) + 1)
  expect(rewritten.product.node.attributes).toMatchObject({ transposeA: false })
  const [before, after] = await Promise.all(
    [{ product }, rewritten].map((outputs) => evaluate(outputs, feeds, { rewritten: false })),
  )
  const expected = before!.product!.map((value) => expect.closeTo(value, 4))
  expect(after!.product).toEqual(expected)
})

it.each<[string, Tensor]>([
  ['few rows', input('few', [8, 4]).gemm(input('others', [8, 4]), undefined, { transposeA: true })],
  ['a transposed second side', x.gemm(input('w', [40, 24]), undefined, { transposeB: true })],
])('leaves products with %s', (_, product) => {
  expect(countOps(rewriteForCpu({ product }))).toEqual(countOps({ product }))
})
