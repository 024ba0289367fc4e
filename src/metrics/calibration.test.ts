import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/calibration.json' with { type: 'json' }
import { calibrationBins, expectedCalibrationError } from './calibration.ts'

const sure = (probabilities: number[], labels: number[]) => ({
  probabilities: Float32Array.from(probabilities),
  classes: 2,
  labels,
})

describe('expectedCalibrationError', () => {
  it.each(golden)('agrees with torchmetrics: $name', ({ probabilities, classes, bins, labels, error }) => {
    const input = { probabilities: Float32Array.from(probabilities), classes, bins, labels }
    expect(expectedCalibrationError(input)).toBeCloseTo(error, 6)
  })

  it('has 15 bins unless told otherwise', () => {
    const { bins: _, error, ...input } = golden[0]!
    const probabilities = Float32Array.from(input.probabilities)
    expect(expectedCalibrationError({ ...input, probabilities })).toBeCloseTo(error, 6)
  })

  it('takes a row of NaN as wrong and sure, whatever the label', () => {
    const none = Number.NaN
    expect(expectedCalibrationError(sure([none, none, none, none], [0, 1]))).toBe(1)
    expect(expectedCalibrationError(sure([none, none, 1, 0], [0, 0]))).toBe(0.5)
  })

  it('refuses logits, with the sample and the way out', () => {
    expect(() => expectedCalibrationError(sure([0, 1, 2.5, 1], [0, 0]))).toThrow(
      expect.objectContaining({
        code: 'metrics/probability',
        message: expect.stringMatching(/sample 1 has 2.5 .* softmaxRows/),
      }),
    )
  })

  it('refuses nothing, and no bins', () => {
    expect(() => expectedCalibrationError({ ...sure([1, 0], [0]), bins: 0 })).toThrow(
      expect.objectContaining({ code: 'metrics/option-range' }),
    )
    expect(() => expectedCalibrationError(sure([], []))).toThrow(/at least one/)
  })
})

describe('calibrationBins', () => {
  it('counts samples by confidence, 1 apart from the last bin', () => {
    const input = sure([0.75, 0.25, 0.5, 0.5, 1, 0, 0.875, 0.125], [0, 1, 0, 0])
    expect(calibrationBins({ ...input, bins: 4 })).toEqual([
      { low: 0, high: 0.25, count: 0, confidence: Number.NaN, accuracy: Number.NaN },
      { low: 0.25, high: 0.5, count: 0, confidence: Number.NaN, accuracy: Number.NaN },
      { low: 0.5, high: 0.75, count: 1, confidence: 0.5, accuracy: 0 },
      { low: 0.75, high: 1, count: 2, confidence: 0.8125, accuracy: 1 },
      { low: 1, high: 1, count: 1, confidence: 1, accuracy: 1 },
    ])
  })
})
