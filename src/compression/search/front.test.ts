import { expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import { bestFirst, dominates, frontOf, hypervolume, ranksOf } from './front.ts'

const points = [
  [1, 5],
  [2, 3],
  [4, 1],
  [2, 4],
  [5, 5],
]

it('the front is what nothing dominates', () => {
  expect(frontOf(points)).toEqual([0, 1, 2])
  expect(ranksOf(points)).toEqual([0, 0, 0, 1, 2])
  expect(dominates([1, 1], [1, 1])).toBe(false)
  expect(frontOf([[1], [1], [2]])).toEqual([0, 1])
})

it('the hypervolume is the area below a reference', () => {
  expect(hypervolume(points, [6, 6])).toBe(1 * 1 + 2 * 3 + 2 * 5)
  expect(hypervolume([[7, 0]], [6, 6])).toBe(0)
  expect(hypervolume([[1], [3]], [4])).toBe(3)
})

it('the hypervolume in three dimensions agrees with counting', () => {
  const stream = random(3, 'front')
  const cloud = Array.from({ length: 12 }, () => [stream.uniform(), stream.uniform(), stream.uniform()])
  let hits = 0
  for (let i = 0; i < 20000; i++) {
    const probe = [stream.uniform(), stream.uniform(), stream.uniform()]
    if (cloud.some((point) => point.every((loss, k) => loss <= probe[k]!))) hits++
  }
  expect(hypervolume(cloud, [1, 1, 1])).toBeCloseTo(hits / 20000, 1)
})

it('best first: by rank, then by what each adds to the volume', () => {
  expect(bestFirst(points).slice(0, 3).sort()).toEqual([0, 1, 2])
  expect(bestFirst(points, 1)).toEqual([1])
  expect(bestFirst(points)).toHaveLength(5)
  expect(bestFirst(points).slice(3)).toEqual([3, 4])
  expect(bestFirst([[3], [1], [2]])).toEqual([1, 2, 0])
})
