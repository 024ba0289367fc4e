import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/geometry.json' with { type: 'json' }
import { featureGeometry } from './feature-geometry.ts'

const { width, labels } = golden
const features = Float32Array.from(golden.features)
const onLine = (...angles: number[]) =>
  Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]))

describe('featureGeometry', () => {
  it('agrees with NumPy, which visits every pair', () => {
    const result = featureGeometry({ features, width, labels })
    for (const metric of ['diversity', 'intraClassDistance', 'interClassDistance', 'separability'] as const)
      expect(result[metric], metric).toBeCloseTo(golden[metric], 6)
  })

  it('does not ask how long a row is, or what classes are called', () => {
    const longer = features.map((value, i) => value * (1 + (Math.floor(i / width) % 3)))
    const result = featureGeometry({
      features: longer,
      width,
      labels: labels.map((label) => `class ${label}`),
    })
    expect(result.diversity).toBeCloseTo(golden.diversity, 6)
    expect(result.separability).toBeCloseTo(golden.separability, 6)
  })

  it('keeps its digits where all features are nearly one point', () => {
    // Unit vectors at angles 0 and a: squared distance 4·sin²(a / 2).
    const close = onLine(0, 0, 0.001, 0.001)
    const { diversity } = featureGeometry({ features: close, width: 2 })
    expect(diversity / (1e-6 / 4)).toBeCloseTo(1, 4)
    const { separability } = featureGeometry({ features: close, width: 2, labels: [0, 1, 0, 1] })
    expect(separability).toBeCloseTo(0.5, 12)
  })

  it('finds classes that are points apart without limit, and mixed ones no better than chance', () => {
    const features = onLine(0, 0, Math.PI / 2, Math.PI / 2)
    expect(featureGeometry({ features, width: 2, labels: [1, 1, 2, 2] })).toMatchObject({
      intraClassDistance: 0,
      separability: Number.POSITIVE_INFINITY,
    })
    expect(featureGeometry({ features, width: 2, labels: [1, 2, 1, 2] }).separability).toBeCloseTo(0.5, 6)
  })

  it('is NaN where a mean has no members', () => {
    const none = Number.NaN
    const nothing = { intraClassDistance: none, interClassDistance: none, separability: none }
    const one = onLine(1)
    expect(featureGeometry({ features: one, width: 2, labels: [0] })).toEqual({ diversity: 0, ...nothing })
    expect(featureGeometry({ features, width }).separability).toBeNaN()
    const single = featureGeometry({ features: onLine(0, 1), width: 2, labels: [4, 4] })
    expect(single).toMatchObject({ interClassDistance: none, separability: none })
    expect(single.intraClassDistance).toBeCloseTo(2 - 2 * Math.cos(1), 6)
    const different = featureGeometry({ features: onLine(0, 1), width: 2, labels: [4, 5] })
    expect(different).toMatchObject({ intraClassDistance: none, separability: none })
    expect(featureGeometry({ features: Float32Array.from([1, 0, 0, 0]), width: 2 }).diversity).toBeNaN()
  })

  it('refuses nothing and labels of other rows', () => {
    const empty = new Float32Array()
    expect(() => featureGeometry({ features: empty, width: 2 })).toThrow(
      expect.objectContaining({ code: 'metrics/no-samples' }),
    )
    expect(() => featureGeometry({ features, width, labels: [1] })).toThrow(/40 rows .* not 1/)
    expect(() => featureGeometry({ features, width: 7 })).toThrow(
      expect.objectContaining({ code: 'shape/features' }),
    )
  })
})
