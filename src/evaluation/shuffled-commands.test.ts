import { expect, it, vi } from 'vitest'
import { type Batch, float32, int64 } from '../core/index.ts'
import { withShuffledCommands } from './index.ts'

async function* one(batch: Batch) {
  yield batch
}

it('gives each sample the command of another one with the same labels, and leaves the rest', async () => {
  const batch: Batch = {
    ids: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    arrays: {
      pixelValues: float32([7, 1], [1, 2, 3, 4, 5, 6, 7]),
      inputIds: int64([7, 2], [1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, 7, 70]),
      grasp: float32([7, 1], [0, 0, 0, 0, 0, 0, 0]),
      graspPresent: float32([7], [1, 1, 1, 1, 0, 0, 0]),
    },
  }
  const own = vi.fn()
  for await (const { ids, arrays } of withShuffledCommands(one(batch), own)) {
    expect(ids).toBe(batch.ids)
    expect(arrays.pixelValues).toBe(batch.arrays.pixelValues)
    expect(Array.from(arrays.inputIds!.data as BigInt64Array, Number)).toEqual([
      ...[3, 30, 4, 40, 1, 10, 2, 20],
      ...[6, 60, 7, 70, 5, 50],
    ])
  }
  expect(Number(batch.arrays.inputIds!.data[0])).toBe(1)
  expect(own).not.toHaveBeenCalled()
})

it('counts the samples that keep their own command, since no other has their labels', async () => {
  const batch: Batch = {
    ids: ['a', 'b', 'c'],
    arrays: { inputIds: int64([3, 1], [1, 2, 3]), graspPresent: float32([3], [1, 1, 0]) },
  }
  const own = vi.fn()
  for await (const { arrays } of withShuffledCommands(one(batch), own))
    expect(Array.from(arrays.inputIds!.data as BigInt64Array, Number)).toEqual([2, 1, 3])
  expect(own.mock.calls).toEqual([[1]])
})
