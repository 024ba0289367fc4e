import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/alignment.json' with { type: 'json' }
import { alignment } from './alignment.ts'

const input = {
  imageFeatures: Float32Array.from(golden.imageFeatures),
  textFeatures: Float32Array.from(golden.textFeatures),
  width: golden.width,
}

describe('alignment', () => {
  it('agrees with NumPy', () => {
    const result = alignment({ ...input, concepts: golden.concepts })
    for (const metric of Object.keys(result) as (keyof typeof result)[]) {
      expect(result[metric], metric).toBeCloseTo(golden[metric], 6)
    }
  })

  it('matches a pair with itself only when no concepts are given', () => {
    const result = alignment(input)
    expect(result.matchingMean).toBeCloseTo(golden.diagonalMean, 6)
    expect(result.nonMatchingMean).toBeCloseTo(golden.offDiagonalMean, 6)
  })

  it('knows a perfect space: pairs together, concepts opposite', () => {
    const features = Float32Array.from([3, 0, -1, 0])
    const result = alignment({ imageFeatures: features, textFeatures: features, width: 2 })
    expect(result).toMatchObject({ matchingMargin: 2, alignment: 0, imageUniformity: -8, modalityGap: 0 })
  })

  it('has no off-diagonal mean of one pair', () => {
    const one = Float32Array.from([1, 2])
    const result = alignment({ imageFeatures: one, textFeatures: one, width: 2 })
    expect(result.diagonalMean).toBeCloseTo(1, 6)
    expect(result.offDiagonalMean).toBeNaN()
  })

  it('refuses what is not in pairs', () => {
    const shorter = input.textFeatures.subarray(golden.width)
    expect(() => alignment({ ...input, textFeatures: shorter })).toThrow(/20 images, 19 texts/)
    expect(() => alignment({ ...input, concepts: ['cat'] })).toThrow(/1 concepts/)
    const empty = new Float32Array()
    expect(() => alignment({ imageFeatures: empty, textFeatures: empty, width: 2 })).toThrow(/0 images/)
  })
})
