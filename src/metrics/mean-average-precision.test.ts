import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/detection.json' with { type: 'json' }
import { type ImageDetections, meanAveragePrecision } from './mean-average-precision.ts'

const square = [0, 0, 100, 100]
const truth = { box: square, label: 'cup' }
const found = (score: number, box: readonly number[] = square) => ({ box, score, label: 'cup' })
const map = (...images: ImageDetections[]) => meanAveragePrecision(images).map

describe('meanAveragePrecision', () => {
  it.each(golden)('agrees with pycocotools: $name', ({ name: _, images, byClass, ...expected }) => {
    const result = meanAveragePrecision(images)
    for (const [metric, value] of Object.entries(expected)) {
      const ours = result[metric as keyof typeof expected]
      if (value === null) expect(ours, metric).toBeNaN()
      else expect(ours, metric).toBeCloseTo(value, 9)
    }
    expect(result.byClass.map(({ label }) => label)).toEqual(byClass.map(({ label }) => label))
    for (const [i, { label, ...values }] of byClass.entries())
      for (const [metric, value] of Object.entries(values))
        expect(result.byClass[i]![metric as 'map'], `${metric} of ${label}`).toBeCloseTo(value, 9)
  })

  it('is 1 for what is all found and 0 for what is not', () => {
    expect(map({ truths: [truth], predictions: [found(0.1)] })).toBeCloseTo(1, 12)
    expect(map({ truths: [truth], predictions: [] })).toBe(0)
    expect(map({ truths: [], predictions: [] })).toBeNaN()
    expect(map({ truths: [], predictions: [found(1)] })).toBeNaN()
  })

  it('finds a truth once', () => {
    const twice = {
      truths: [truth, { ...truth, box: [200, 200, 300, 300] }],
      predictions: [found(1), found(0.9)],
    }
    expect(meanAveragePrecision([twice])).toMatchObject({ map50: 51 / 101, recall: 0.5 })
  })

  it('takes the overlap of exactly 0.5 as found', () => {
    const half = found(1, [0, 0, 50, 100])
    expect(meanAveragePrecision([{ truths: [truth], predictions: [half] }])).toMatchObject({
      map50: 1,
      recall: 0.1,
    })
  })

  it('never takes NaN as right, and puts a NaN score before all others', () => {
    expect(map({ truths: [truth], predictions: [found(Number.NaN)] })).toBe(0)
    expect(map({ truths: [truth], predictions: [found(1, [Number.NaN, 0, 100, 100])] })).toBe(0)
    const first = { truths: [truth], predictions: [found(Number.POSITIVE_INFINITY), found(Number.NaN)] }
    expect(map(first)).toBeCloseTo(1, 12)
    expect(map({ ...first, predictions: first.predictions.toReversed() })).toBeCloseTo(0.5, 12)
  })

  it('takes boxes without end or the wrong way round as wrong', () => {
    const endless = found(1, [0, 0, Number.POSITIVE_INFINITY, 100])
    const reversed = found(0.9, [100, 0, 0, 100])
    expect(map({ truths: [truth], predictions: [endless, reversed, found(0.5)] })).toBeCloseTo(1 / 3, 12)
  })

  it('sorts classes by their label and reads the area that a truth says', () => {
    const two = {
      truths: [
        { ...truth, area: 100 },
        { ...truth, label: 'bowl' },
      ],
      predictions: [found(1)],
    }
    const result = meanAveragePrecision([two])
    expect(result.byClass.map(({ label, map50 }) => [label, map50])).toEqual([
      ['bowl', 0],
      ['cup', 1],
    ])
    expect(result).toMatchObject({ mapSmall: 1, mapMedium: Number.NaN, mapLarge: 0 })
  })

  it('refuses no images, and a true box that is none, with its place', () => {
    expect(() => meanAveragePrecision([])).toThrow(expect.objectContaining({ code: 'metrics/no-samples' }))
    const empty = { truths: [], predictions: [] }
    for (const box of [
      [0, 0, Number.NaN, 1],
      [5, 0, 4, 1],
      [0, 0, 1],
    ]) {
      expect(() =>
        meanAveragePrecision([empty, { truths: [truth, { ...truth, box }], predictions: [] }]),
      ).toThrow(
        expect.objectContaining({
          code: 'metrics/box',
          facts: expect.objectContaining({ image: 1, truth: 1 }),
        }),
      )
    }
  })
})
