import { describe, expect, it } from 'vitest'
import { expectUnchanged, opsAfterRewriting } from '../../../test/support/rewriting.ts'
import { input, type Tensor } from '../index.ts'

const x = input('x', [8, 16, 3])

const sums: readonly [string, Tensor][] = [
  ['the first axis', x.reshape([128, 3]).sum(0)],
  ['all leading axes', x.sum([0, 1])],
  ['leading axes in another order', x.sum([1, 0])],
  ['axes that are kept', x.sum([0, 1], { keep: true })],
  ['one axis of a matrix of matrices', input('m', [64, 2, 3]).sum(0)],
]

describe('sumRowsByMatmul', () => {
  it.each(sums)('adds up %s by a product', async (_, y) => {
    expect(opsAfterRewriting(y)).not.toHaveProperty('sum')
    await expectUnchanged(y)
  })

  it.each([
    ['the last axis', x.sum(-1)],
    ['all axes', x.sum()],
    ['an axis in the middle', input('m', [2, 64, 3]).sum(1)],
    ['few rows', input('few', [4, 8]).sum(0)],
    ['whole numbers', input('n', [100, 8], 'int64').sum(0)],
  ])('leaves %s', (_, y) => {
    expect(opsAfterRewriting(y)).toEqual({ sum: 1 })
  })
})
