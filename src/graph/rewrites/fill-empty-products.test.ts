import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { opsAfterRewriting } from '../../../test/support/rewriting.ts'
import { float32 } from '../../core/index.ts'
import { gradients, input, type Tensor } from '../index.ts'

const a = input('a', [2, 0])
const b = input('b', [0, 3])
const bias = input('bias', [3])
const feeds = { a: float32([2, 0], []), b: float32([0, 3], []), bias: float32([3], [1, 2, 3]) }
const zeros = [0, 0, 0, 0, 0, 0]

const products: readonly [string, Tensor, readonly number[]][] = [
  ['matmul', a.matmul(b), zeros],
  ['matmul, scaled and transposed', b.matmul(a, { transposeA: true, transposeB: true, scale: 2 }), zeros],
  ['gemm', a.gemm(b), zeros],
  ['gemm with a bias', a.gemm(b, bias), [1, 2, 3, 1, 2, 3]],
]

describe('a product over an axis without elements', () => {
  it.each(products)('%s: zeros or the bias, and no product', async (_, y, expected) => {
    expect(opsAfterRewriting(y)).toEqual({ expand: 1 })
    const read = Object.keys(feeds).filter((name) => y.node.inputs.some((each) => nameOf(each) === name))
    const fed = Object.fromEntries(Object.entries(feeds).filter(([name]) => read.includes(name)))
    expect(await evaluate({ y }, fed)).toEqual({ y: expected })
  })

  it('has gradients without elements, and that of the bias', async () => {
    const found = gradients(a.gemm(b, bias).mul(2).sum(), [a, b, bias])
    const [da, db, dBias] = found as [Tensor, Tensor, Tensor]
    expect(await evaluate({ da, db, dBias }, feeds)).toEqual({ da: [], db: [], dBias: [4, 4, 4] })
  })

  it('stays where there is no element in the result either', async () => {
    const rows = input('rows', [0, 2])
    const y = rows.matmul(input('columns', [2, 3]))
    const columns = float32([2, 3], [1, 2, 3, 4, 5, 6])
    expect(await evaluate({ y }, { rows: float32([0, 2], []), columns })).toEqual({ y: [] })
  })
})

const nameOf = (tensor: Tensor): string => (tensor.node.attributes as { name: string }).name
