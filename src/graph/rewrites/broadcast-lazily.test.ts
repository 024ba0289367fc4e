import { describe, expect, it } from 'vitest'
import { expectUnchanged, opsAfterRewriting } from '../../../test/support/rewriting.ts'
import { input, type Tensor } from '../index.ts'

const x = input('x', [2, 3])
const row = input('row', [3])
const wide = row.expand([2, 3])

const lazy: readonly [string, Tensor, object][] = [
  ['the right side', x.mul(wide), { mul: 1 }],
  ['the left side', wide.sub(x), { sub: 1 }],
  ['both branches of a choice', x.greater(0).where(wide, x.scalar(0).expand([2, 3])), { less: 1, where: 1 }],
  [
    'what stays wide for its other side',
    input('column', [2, 1]).expand([2, 3]).maximum(wide),
    { maximum: 1 },
  ],
]

describe('broadcastLazily', () => {
  it.each(lazy)('does not expand %s', async (_, y, left) => {
    expect(opsAfterRewriting(y)).toEqual(left)
    await expectUnchanged(y)
  })

  it('keeps one expansion where the result would shrink without it', async () => {
    const y = wide.add(row.expand([2, 3]).mul(2))
    expect(opsAfterRewriting(y)).toMatchObject({ expand: 1 })
    await expectUnchanged(y)
  })

  it('keeps the expansion for ops that do not broadcast', async () => {
    const y = wide.matmul(x, { transposeB: true })
    expect(opsAfterRewriting(y)).toEqual({ expand: 1, matmul: 1 })
    await expectUnchanged(y)
  })
})
