import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/regression.json' with { type: 'json' }
import edges from '../../test/golden/metrics/regression-edges.json' with { type: 'json' }
import { fractionWithinTolerance, regression } from './regression.ts'

const input = {
  predictions: Float32Array.from(golden.predictions),
  targets: Float32Array.from(golden.targets),
}
const pair = (predictions: number[], targets: number[]) => ({
  predictions: Float32Array.from(predictions),
  targets: Float32Array.from(targets),
})

describe('regression', () => {
  it('agrees with scikit-learn', () => {
    const result = regression(input)
    for (const metric of ['meanSquaredError', 'meanAbsoluteError', 'rootMeanSquaredError'] as const) {
      expect(result[metric], metric).toBeCloseTo(golden[metric], 12)
    }
  })

  it.each(edges)('has the coefficient of determination of scikit-learn: $name', (golden) => {
    const { coefficientOfDetermination } = regression({
      predictions: Float32Array.from(golden.predictions),
      targets: Float32Array.from(golden.targets),
      outputs: golden.outputs,
    })
    const expected = golden.coefficientOfDetermination
    if (expected === null) expect(coefficientOfDetermination).toBeNaN()
    else expect(coefficientOfDetermination).toBeCloseTo(expected, 10)
  })

  it('is NaN where a prediction is, for constant targets too', () => {
    const broken = regression(pair([Number.NaN, 1, 2], [1, 1, 1]))
    expect(Object.values(broken)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  })

  it('refuses arrays that differ in length, and nothing', () => {
    expect(() => regression(pair([1], [1, 2]))).toThrow(expect.objectContaining({ code: 'shape/regression' }))
    expect(() => regression(pair([], []))).toThrow(/at least one sample/)
  })
})

describe('fractionWithinTolerance', () => {
  it('agrees with NumPy', () => {
    expect(fractionWithinTolerance({ ...input, tolerance: golden.tolerance })).toBe(golden.withinTolerance)
  })

  it('wants every output within its own tolerance, the border included', () => {
    const samples = pair([0.5, 0, 0.75, 0, 0.5, 0.25, Number.NaN, 0], [0, 0, 0, 0, 0, 0, 0, 0])
    expect(fractionWithinTolerance({ ...samples, tolerance: [0.5, 0.125] })).toBe(1 / 4)
  })

  it('refuses outputs that do not divide the arrays', () => {
    expect(() => fractionWithinTolerance({ ...input, tolerance: [1, 1, 1, 1, 1, 1, 1] })).toThrow(/7 outputs/)
  })
})
