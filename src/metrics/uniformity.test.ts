import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/alignment.json' with { type: 'json' }
import { roughProducts } from '../../test/support/rough-products.ts'
import { random } from '../core/index.ts'
import { uniformity, uniformityByBlocks } from './uniformity.ts'

/** By the definition, pair by pair, of rows of length 1. */
function byPairs(features: Float32Array, width: number): number {
  let [sum, pairs] = [0, 0]
  for (let i = 0; i < features.length; i += width) {
    for (let j = i + width; j < features.length; j += width, pairs++) {
      let squared = 0
      for (let k = 0; k < width; k++) squared += (features[i + k]! - features[j + k]!) ** 2
      sum += Math.exp(-2 * squared)
    }
  }
  return Math.log(sum / pairs)
}

describe('uniformity', () => {
  it('agrees with NumPy', () => {
    const measured = uniformity(Float32Array.from(golden.imageFeatures), golden.width)
    expect(measured).toBeCloseTo(golden.imageUniformity, 6)
  })

  it.each([2, 31, 32, 33, 255, 256, 257, 300])('visits every pair of %i rows once', (rows) => {
    const stream = random(rows, 'angles')
    const features = new Float32Array(rows * 2)
    for (let row = 0; row < rows; row++) {
      const angle = stream.uniform(0, 2)
      features.set([Math.cos(angle), Math.sin(angle)], 2 * row)
    }
    expect(uniformity(features, 2)).toBeCloseTo(byPairs(features, 2), 6)
  })

  it('is NaN without pairs and of a row of zeros, and 0 of one point', () => {
    expect(uniformity(new Float32Array(), 2)).toBeNaN()
    expect(uniformity(Float32Array.from([1, 2]), 2)).toBeNaN()
    expect(uniformity(Float32Array.from([1, 2, 0, 0]), 2)).toBeNaN()
    expect(uniformity(Float32Array.from([1, 2, 1, 2]), 2)).toBeCloseTo(0, 6)
  })
})

describe('uniformity by blocks', () => {
  it.each([7, 8, 9, 16, 17, 30])('of %i rows is that of every pair', async (rows) => {
    const stream = random(rows, 'features')
    const features = Float32Array.from({ length: rows * 3 }, () => stream.normal())
    expect(await uniformityByBlocks(features, 3, roughProducts(3, 8, 1))).toBeCloseTo(
      uniformity(features, 3),
      6,
    )
  })

  it('is NaN of a row of zeros', async () => {
    const features = Float32Array.from([1, 2, 0, 0, 3, 1])
    expect(await uniformityByBlocks(features, 2, roughProducts(2, 2, 1))).toBeNaN()
  })
})
