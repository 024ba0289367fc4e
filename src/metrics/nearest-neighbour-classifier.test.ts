import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/neighbours.json' with { type: 'json' }
import { classification } from './classification.ts'
import { nearestNeighbourClassifier } from './nearest-neighbour-classifier.ts'

const onCircle = (...angles: number[]) =>
  Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]))
const classify = (
  gallery: { features: Float32Array; labels: number[] },
  queries: Float32Array,
  options: { k?: number; temperature?: number } = {},
) => nearestNeighbourClassifier({ ...gallery, queries, width: 2, classes: 2, ...options })
const code = (code: string) => expect.objectContaining({ code })

describe('nearestNeighbourClassifier', () => {
  it.each(golden)("agrees with DINO's formula for k = $k and T = $temperature", (expected) => {
    const { width, classes, k, temperature } = expected
    const gallery = { features: Float32Array.from(expected.features), labels: expected.labels }
    const queries = Float32Array.from(expected.queries)
    const scores = nearestNeighbourClassifier({ ...gallery, queries, width, classes, k, temperature })
    for (const [i, vote] of scores.entries()) expect(vote).toBeCloseTo(expected.votes[i]!, 5)
    expect(classification({ scores, classes, labels: expected.predictions }).accuracy).toBe(1)
  })

  it('has 20 neighbours and a temperature of 0.07 unless told otherwise', () => {
    const { width, classes, features, labels, queries } = golden[0]!
    const gallery = { features: Float32Array.from(features), labels }
    const scores = nearestNeighbourClassifier({
      ...gallery,
      queries: Float32Array.from(queries),
      width,
      classes,
    })
    expect(scores[3]).toBeCloseTo(golden[0]!.votes[3]!, 5)
    expect(scores).toHaveLength(30 * classes)
  })

  it('takes the lower row of equally near ones, and the lower class of equal votes', () => {
    const gallery = { features: onCircle(0.5, -0.5, 0.5), labels: [2, 1, 0] }
    const queries = onCircle(0)
    const [one, two] = [1, 2].map((k) =>
      nearestNeighbourClassifier({ ...gallery, queries, width: 2, classes: 3, k }),
    )
    expect([...one!]).toEqual([0, 0, 1])
    expect([...two!]).toEqual([0, 0.5, 0.5])
    expect(classification({ scores: two!, classes: 3, labels: [1] }).accuracy).toBe(1)
  })

  it('lets every copy of a row vote', () => {
    const gallery = { features: onCircle(0.1, 0.1, 0.1, 0), labels: [0, 0, 0, 1] }
    const scores = classify(gallery, onCircle(0), { temperature: 10 })
    expect(scores[0]).toBeCloseTo(0.75, 3)
  })

  it('does with a gallery of one row, far from the query', () => {
    const gallery = { features: onCircle(Math.PI), labels: [1] }
    const scores = classify(gallery, onCircle(0), { temperature: 1e-4 })
    expect([...scores]).toEqual([0, 1])
  })

  it('gives rows of zeros no vote, and queries of zeros no class', () => {
    const features = Float32Array.from([0, 0, 1, 1])
    const queries = Float32Array.from([1, 0, 0, 0])
    const scores = classify({ features, labels: [0, 1] }, queries)
    expect([...scores]).toEqual([0, 1, Number.NaN, Number.NaN])
    expect(classification({ scores, classes: 2, labels: [1, 0] }).accuracy).toBe(0.5)
    const blank = { features: new Float32Array(2), labels: [0] }
    expect([...classify(blank, onCircle(0))]).toEqual([Number.NaN, Number.NaN])
  })

  it('answers no queries with nothing, and refuses an empty gallery and what does not fit', () => {
    const gallery = { features: onCircle(0, 1), labels: [0, 1] }
    expect(classify(gallery, new Float32Array())).toEqual(new Float32Array())
    const empty = { features: new Float32Array(), labels: [] }
    expect(() => classify(empty, onCircle(0))).toThrow(code('metrics/no-samples'))
    const wrong = { ...gallery, labels: [0, 2] }
    expect(() => classify(wrong, onCircle(0))).toThrow(/label 2 of sample 1/)
    for (const options of [{ k: 0 }, { temperature: 0 }])
      expect(() => classify(gallery, onCircle(0), options)).toThrow(code('metrics/option-range'))
  })
})
