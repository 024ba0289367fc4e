import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { roughProducts } from '../../test/support/rough-products.ts'
import { random } from '../core/index.ts'
import { rankQueriesByBlocks } from './rank-by-blocks.ts'
import { rankQueries } from './retrieval.ts'

it('has the very ranks and margins of whole sums, whatever the sizes, ties, NaN and rounding', async () => {
  const sizes = fc.record({
    queries: fc.integer({ min: 1, max: 20 }),
    gallery: fc.integer({ min: 1, max: 40 }),
    width: fc.integer({ min: 1, max: 9 }),
    coarse: fc.boolean(),
    broken: fc.boolean(),
    seed: fc.integer(),
  })
  await fc.assert(
    fc.asyncProperty(sizes, async ({ queries, gallery, width, coarse, broken, seed }) => {
      const stream = random(seed, 'features')
      const features = (count: number) =>
        Float32Array.from({ length: count * width }, () => {
          if (broken && stream.chance(0.02)) return Number.NaN
          return coarse ? stream.integer(3) - 1 : 1 + 1e-4 * stream.normal() // exact ties, and all but ties
        })
      const input = {
        ...{ queries: features(queries), gallery: features(gallery), width },
        relevant: Array.from({ length: queries }, () =>
          Array.from({ length: 1 + stream.integer(3) }, () => stream.integer(gallery)),
        ),
      }
      const found = await rankQueriesByBlocks(input, roughProducts(width, 8, seed))
      expect(found).toEqual(rankQueries(input))
    }),
    { seed: 7, numRuns: 300 },
  )
})

it('multiplies each pair of blocks once', async () => {
  const [width, rows] = [16, 64]
  const stream = random(3, 'features')
  const features = Float32Array.from({ length: rows * width }, () => stream.normal())
  const products = roughProducts(width, 32, 1)
  const similarities = vi.spyOn(products, 'similarities')
  const relevant = Array.from({ length: rows }, (_, row) => [row])
  const { ranks } = await rankQueriesByBlocks(
    { queries: features, gallery: features, width, relevant },
    products,
  )
  expect(new Set(ranks)).toEqual(new Set([1]))
  expect(similarities).toHaveBeenCalledTimes(4)
})
