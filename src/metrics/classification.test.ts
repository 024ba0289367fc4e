import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/classification.json' with { type: 'json' }
import edges from '../../test/golden/metrics/classification-edges.json' with { type: 'json' }
import { classification, topKAccuracy } from './classification.ts'

const input = { scores: Float32Array.from(golden.scores), classes: golden.classes, labels: golden.labels }
const rows = (classes: number, ...scores: number[][]) => ({
  scores: Float32Array.from(scores.flat()),
  classes,
})

describe('classification', () => {
  it('agrees with scikit-learn, with a class never labelled and one never predicted', () => {
    const result = classification(input)
    expect(result.confusion).toEqual(golden.confusion)
    for (const metric of ['accuracy', 'precision', 'recall', 'f1'] as const) {
      expect(result[metric], metric).toBeCloseTo(golden[metric], 12)
    }
  })

  it.each(edges)('agrees with scikit-learn: $name', (golden) => {
    const scores = Float32Array.from(golden.scores, (score) => score ?? Number.NaN)
    const result = classification({ scores, classes: golden.classes, labels: golden.labels })
    for (const metric of ['accuracy', 'precision', 'recall', 'f1'] as const)
      expect(result[metric], metric).toBeCloseTo(golden[metric], 12)
    expect(result.perClass).toHaveLength(golden.classes)
    for (const [c, expected] of golden.perClass.entries())
      for (const metric of ['precision', 'recall', 'f1', 'support'] as const)
        expect(result.perClass[c]![metric], `${metric} of class ${c}`).toBeCloseTo(expected[metric], 12)
  })

  it('predicts the first of equal scores and never NaN', () => {
    const { confusion } = classification({ ...rows(3, [2, 2, 1], [Number.NaN, -9, -8]), labels: [0, 0] })
    expect(confusion[0]).toEqual([1, 0, 1])
  })

  it.each([0, 1, 2])('never takes scores that are all NaN as right, for label %i', (label) => {
    const none = new Array<number>(3).fill(Number.NaN)
    const result = classification({ ...rows(3, none, [9, 8, 7]), labels: [label, 0] })
    expect(result.accuracy).toBe(0.5)
    expect(result.recall).toBe(0.5)
    const wrong = classification({ ...rows(3, none, none), labels: [label, label] })
    expect(wrong).toMatchObject({ accuracy: 0, precision: 0, recall: 0, f1: 0 })
    expect(wrong.confusion.flat()).toEqual(new Array(9).fill(0))
  })

  it('names the label that is no class', () => {
    expect(() => classification({ ...rows(2, [0, 1], [1, 0]), labels: [1, 2] })).toThrow(
      /label 2 of sample 1 .* 0 to 1/,
    )
  })

  it('refuses nothing and scores of another length', () => {
    expect(() => classification({ ...rows(2), labels: [] })).toThrow(/at least one/)
    expect(() => classification({ ...rows(2, [1, 2, 3]), labels: [0] })).toThrow(/need 2 scores, not 3/)
  })
})

describe('topKAccuracy', () => {
  it('agrees with scikit-learn', () => {
    for (const [k, value] of Object.entries(golden.topK)) {
      expect(topKAccuracy({ ...input, k: Number(k) }), `k = ${k}`).toBeCloseTo(value, 12)
    }
  })

  it('counts ties and NaN against us', () => {
    const tied = { ...rows(3, [1, 1, 0], [Number.NaN, 0, 0], [2, Number.NaN, 0]), labels: [0, 0, 0] }
    expect(topKAccuracy({ ...tied, k: 1 })).toBe(0)
    expect(topKAccuracy({ ...tied, k: 2 })).toBeCloseTo(2 / 3)
    expect(topKAccuracy({ ...tied, k: 3 })).toBe(1)
  })
})
