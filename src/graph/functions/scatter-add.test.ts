import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32, int64 } from '../../core/index.ts'
import { gradients, input, scatterAdd } from '../index.ts'

describe('scatterAdd', () => {
  it('adds up repeated indices, leaves others zero, and gives each update the gradient of its row', async () => {
    const updates = input('updates', [4, 2])
    const indices = input('indices', [4], 'int64')
    const table = scatterAdd(3, indices, updates)
    const weighted = table.mul(input('weights', [3, 2]))
    const results = await evaluate(
      { table, dUpdates: gradients(weighted.sum(), [updates])[0]! },
      {
        updates: float32([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
        indices: int64([4], [2, 0, 2, -1]),
        weights: float32([3, 2], [10, 20, 30, 40, 50, 60]),
      },
    )
    expect(results.table).toEqual([3, 4, 0, 0, 13, 16])
    expect(results.dUpdates).toEqual([50, 60, 10, 20, 50, 60, 50, 60])
  })
})
