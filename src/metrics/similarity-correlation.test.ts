import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/geometry.json' with { type: 'json' }
import { random } from '../core/index.ts'
import { similarityCorrelation } from './similarity-correlation.ts'

const { width } = golden
const imageFeatures = Float32Array.from(golden.features)
const textFeatures = Float32Array.from(golden.textFeatures)

describe('similarityCorrelation', () => {
  it('agrees with NumPy, which visits every pair', () => {
    expect(similarityCorrelation({ imageFeatures, textFeatures, width })).toBeCloseTo(
      golden.similarityCorrelation,
      6,
    )
  })

  it('is 1 of a space with itself, and of one turned as a whole', () => {
    const stream = random(3, 'features')
    const features = Float32Array.from({ length: 600 * 3 }, () => stream.normal())
    const turned = features.map((_, i) => features[3 * Math.floor(i / 3) + ((i + 1) % 3)]!)
    const correlation = (textFeatures: Float32Array) =>
      similarityCorrelation({ imageFeatures: features, textFeatures, width: 3 })
    expect(correlation(features)).toBeCloseTo(1, 9)
    expect(correlation(turned)).toBeCloseTo(1, 9)
    const other = Float32Array.from(features, () => stream.normal())
    expect(Math.abs(correlation(other))).toBeLessThan(0.02)
  })

  it('is NaN where nothing varies', () => {
    const same = Float32Array.from({ length: 40 * width }, (_, i) => 1 + (i % width))
    expect(similarityCorrelation({ imageFeatures, textFeatures: same, width })).toBeNaN()
    for (const rows of [0, 1, 2]) {
      const part = imageFeatures.subarray(0, rows * width)
      expect(
        similarityCorrelation({ imageFeatures: part, textFeatures: part, width }),
        `${rows} rows`,
      ).toBeNaN()
    }
  })

  it('is NaN where a row is', () => {
    const broken = textFeatures.slice().fill(0, 0, width)
    expect(similarityCorrelation({ imageFeatures, textFeatures: broken, width })).toBeNaN()
  })

  it('refuses what is not in pairs', () => {
    const fewer = textFeatures.subarray(width)
    expect(() => similarityCorrelation({ imageFeatures, textFeatures: fewer, width })).toThrow(
      /40 images and 39 texts/,
    )
  })
})
