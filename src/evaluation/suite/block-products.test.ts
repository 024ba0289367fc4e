import { expect, test } from 'vitest'
import { random } from '../../core/index.ts'
import { rankQueries, rankQueriesByBlocks, uniformity, uniformityByBlocks } from '../../metrics/index.ts'
import { blockProducts } from './block-products.ts'

test('the engine multiplies blocks: the ranks, the margins and the uniformity of sums in float64', async () => {
  const [rows, width] = [150, 24]
  const stream = random(5, 'features')
  const features = Float32Array.from({ length: rows * width }, () => stream.normal())
  features.copyWithin(0, 40 * width, 50 * width) // ties
  const products = blockProducts(width, { side: 64, threads: 1 })
  const noisy = features.map((value) => value + 2 * stream.normal())
  const relevant = Array.from({ length: rows }, (_, row) => [row, (row + 7) % rows])
  const input = { queries: noisy, gallery: features, width, relevant }
  const found = await rankQueriesByBlocks(input, products)
  expect(found).toEqual(rankQueries(input))
  expect(new Set(found.ranks).size).toBeGreaterThan(10)
  const even = await uniformityByBlocks(features, width, products)
  expect(even).toBeCloseTo(uniformity(features, width), 6)
  expect(even).not.toBe(uniformity(features, width)) // it was the engine
})
