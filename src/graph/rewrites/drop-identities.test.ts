import { describe, expect, it } from 'vitest'
import { expectUnchanged, opsAfterRewriting } from '../../../test/support/rewriting.ts'
import { float32 } from '../../core/index.ts'
import { concat, constant, input, type Tensor } from '../index.ts'

const x = input('x', [2, 3])

const identities: readonly [string, Tensor][] = [
  ['x + 0', x.add(0)],
  ['0 + x', x.scalar(0).add(x)],
  ['x − 0', x.sub(0)],
  ['x · 1', x.mul(1)],
  ['1 · x', x.scalar(1).mul(x)],
  ['x / 1', x.div(1)],
  ['−(−x)', x.neg().neg()],
  ['a reshape to the same shape', x.reshape([2, 3])],
  ['a slice of everything', x.slice(1, 0, 3)],
  ['a padding of nothing', x.pad([0, 0], [0, 0])],
  ['a permutation that moves nothing', x.transpose([0, 1])],
  ['concat of one', concat([x], 0)],
  ['detach', x.detach()],
]

describe('dropIdentities', () => {
  it.each(identities)('drops %s', async (_, same) => {
    const y = same.exp()
    expect(opsAfterRewriting(y)).toEqual({ exp: 1 })
    await expectUnchanged(y)
  })

  it('keeps an addition of zero that broadcasts', async () => {
    const y = x.slice(0, 0, 1).add(constant(float32([1, 1, 1], [0])))
    expect(opsAfterRewriting(y)).toMatchObject({ add: 1 })
    await expectUnchanged(y)
  })

  it.each([
    ['0 − x', x.scalar(0).sub(x)],
    ['1 / x', x.scalar(1).div(x)],
    ['a slice of a part', x.slice(1, 0, 2)],
  ])('keeps %s', async (_, y) => {
    expect(Object.values(opsAfterRewriting(y))).toEqual([1])
    await expectUnchanged(y)
  })
})
