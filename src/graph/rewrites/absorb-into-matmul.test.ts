import { describe, expect, it } from 'vitest'
import { expectUnchanged, opsAfterRewriting } from '../../../test/support/rewriting.ts'
import { input, type Tensor } from '../index.ts'

const a = input('a', [2, 3, 4])
const b = input('b', [2, 3, 5])

const absorbed: readonly [string, Tensor][] = [
  ['the left side', a.transpose().matmul(b)],
  ['the right side', a.transpose([0, 2, 1]).matmul(b.transpose().reshape([2, 5, 3]).transpose())],
  ['a side that is transposed already', a.transpose().matmul(b, { transposeA: false, scale: 0.5 })],
  ['a transposition of a transposition', a.transpose().matmul(b.transpose(), { transposeB: true })],
]

describe('absorbIntoMatmul', () => {
  it.each(absorbed)('takes %s', async (_, y) => {
    expect(opsAfterRewriting(y)).not.toHaveProperty('transpose')
    await expectUnchanged(y)
  })

  it('leaves a transposition that moves the batch', async () => {
    const y = a.transpose([1, 2, 0]).matmul(input('c', [3, 2, 5]))
    expect(opsAfterRewriting(y)).toEqual({ matmul: 1, transpose: 1 })
    await expectUnchanged(y)
  })
})
