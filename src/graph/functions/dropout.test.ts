import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32, hostArray } from '../../core/index.ts'
import { dropout, gradients, input } from '../index.ts'

const x = input('x', [2, 3])
const feeds = { x: float32([2, 3], [1, 2, 3, 4, 5, 6]) }

describe('dropout', () => {
  it.each(['bool', 'float32'] as const)(
    'keeps and scales what the %s mask keeps, forward and back',
    async (dtype) => {
      const kept = [1, 0, 1, 0, 0, 1]
      const mask = dtype === 'bool' ? hostArray('bool', [2, 3], Uint8Array.from(kept)) : float32([2, 3], kept)
      const y = dropout(x, 0.5, input('mask', [2, 3], dtype))
      const results = await evaluate({ y, dx: gradients(y.sum(), [x])[0]! }, { ...feeds, mask })
      expect(results).toEqual({ y: [2, 0, 6, 0, 0, 12], dx: [2, 0, 2, 0, 0, 2] })
    },
  )

  it('drops whole samples by a mask of one column', async () => {
    const y = dropout(x, 0.75, input('mask', [2, 1], 'bool'))
    const mask = hostArray('bool', [2, 1], Uint8Array.of(0, 1))
    expect(await evaluate({ y }, { ...feeds, mask })).toEqual({ y: [0, 0, 0, 16, 20, 24] })
  })

  it.each([1, -0.1, 1.5, Number.NaN])('refuses the rate %d', (rate) => {
    expect(() => dropout(x, rate, x)).toThrow(/rate .* must lie in \[0, 1\)/)
  })
})
