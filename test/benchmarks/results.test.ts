import { describe, expect, it } from 'vitest'
import { growth } from '../../benchmarks/measurements/start.ts'
import { resultsOf } from '../../benchmarks/results.ts'
import { median, quantile } from '../../benchmarks/statistics.ts'

const product = { op: 'gemm', rows: 1, inner: 1, columns: 1, transposeA: false, transposeB: false } as const
const step = {
  contestants: {
    visuomotor: {
      samplesPerSecond: 640,
      stepMilliseconds: 100,
      peakMemoryBytes: 5,
      firstStepMilliseconds: 1,
    },
    torchEager: { skipped: 'no PyTorch' },
  },
  operations: 15e9,
  gemm: [
    { ...product, count: 3, gigaflopsPerSecond: { onnxruntime: 200, torch: 100 } },
    { ...product, count: 1, gigaflopsPerSecond: { onnxruntime: 50, torch: 100 } },
  ],
}

describe('results', () => {
  it('have a key for each measurement and the share of the fastest product', () => {
    const results = resultsOf({ training: { step } }, ['step', 'limit', 'memory'])
    expect(results.step).toMatchObject({ ...step.contestants, shareOfGemmLimit: 0.75 })
    expect(results.limit?.step?.best).toMatchObject({ gigaflopsPerSecond: 200, library: 'onnxruntime' })
    // Three operations at 200 and one at 100.
    expect(results.limit?.step?.everyShapeAtItsBest).toBeCloseTo(4 / (3 / 200 + 1 / 100))
    expect(results.memory?.step).toEqual({ visuomotor: 5, torchEager: { skipped: 'no PyTorch' } })
    expect(results).not.toHaveProperty('towers')
  })

  it('have no share when we did not compete', () => {
    const skipped = { ...step, contestants: { visuomotor: { skipped: 'broken' } } }
    expect(resultsOf({ training: { step: skipped } }, ['step']).shareOfGemmLimit).toBeUndefined()
  })
})

describe('growth with depth', () => {
  it.each([1, 2])('is the power %d', (power) => {
    const depths = [1, 2, 4, 8, 16].map((layers) => ({
      layers,
      nodes: layers,
      buildMilliseconds: layers ** power,
      sessionMilliseconds: 2 * layers ** power,
    }))
    expect(growth(depths)).toBeCloseTo(power)
  })
})

describe('quantile', () => {
  it('lies between values in a straight line', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(quantile([10, 20], 0.99)).toBeCloseTo(19.9)
    expect([quantile([5, 7], 0), quantile([5, 7], 1)]).toEqual([5, 7])
  })
})
