import { describe, expect, it } from 'vitest'
import { expectUnchanged, opsAfterRewriting } from '../../../test/support/rewriting.ts'
import { input, type Tensor } from '../index.ts'

const x = input('x', [2, 3, 4])
const thin = input('thin', [2, 1, 4])

const merging: readonly [string, Tensor, object][] = [
  ['two reshapes', x.reshape([6, 4]).reshape([3, 8]), { reshape: 1 }],
  ['two reshapes that undo each other', x.reshape([6, 4]).reshape([2, 3, 4]), {}],
  ['two transpositions', x.transpose([1, 2, 0]).transpose([0, 2, 1]), { transpose: 1 }],
  ['two transpositions that undo each other', x.transpose([1, 2, 0]).transpose([2, 0, 1]), {}],
  ['a transposition that moves an axis of size 1', thin.transpose([1, 0, 2]), { reshape: 1 }],
  ['a sum over an axis of size 1', thin.sum(1), { reshape: 1 }],
  ['a mean over an axis of size 1 that is kept', thin.mean(1, { keep: true }), {}],
  ['a maximum over no axis', x.max([]), {}],
]

describe('mergeLayout', () => {
  it.each(merging)('merges %s', async (_, same, left) => {
    const y = same.exp()
    expect(opsAfterRewriting(y)).toEqual({ exp: 1, ...left })
    await expectUnchanged(y)
  })

  it('keeps a transposition that moves data', async () => {
    const y = thin.transpose([2, 1, 0])
    expect(opsAfterRewriting(y)).toEqual({ transpose: 1 })
    await expectUnchanged(y)
  })
})
