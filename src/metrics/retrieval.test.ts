import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../core/index.ts'
import { retrieval, retrievalRanks } from './retrieval.ts'

const rows = (...values: number[][]) => Float32Array.from(values.flat())
const east = [1, 0]
const north = [0, 1]
const northEast = [1, 1]
const nowhere = [Number.NaN, 0]

const ranks = (queries: number[][], gallery: number[][], relevant: number[][]) =>
  Array.from(retrievalRanks({ queries: rows(...queries), gallery: rows(...gallery), width: 2, relevant }))

describe('retrievalRanks', () => {
  it('counts the wrong items ahead of the best correct one', () => {
    expect(ranks([east, east], [east, northEast, north], [[0], [2]])).toEqual([1, 3])
  })

  it('compares by cosine: lengths do not matter', () => {
    expect(
      ranks(
        [[3, 0]],
        [
          [0.1, 0.01],
          [50, 50],
        ],
        [[0]],
      ),
    ).toEqual([1])
  })

  it('counts ties against us', () => {
    expect(ranks([east], [northEast, northEast, northEast], [[1]])).toEqual([3])
  })

  it('lets the best of several correct items count, and none of them against it', () => {
    expect(ranks([east], [north, northEast, east, east], [[0, 1, 2]])).toEqual([2])
    expect(ranks([east], [east, east, north], [[0, 1]])).toEqual([1])
    expect(ranks([east], [north, east, east], [[1, 1, 1]])).toEqual([2])
  })

  it('misses a query without a finite similarity: its rank is behind the gallery and every recall', () => {
    expect(ranks([nowhere, [0, 0]], [east, north, northEast], [[0], [1, 2]])).toEqual([11, 11])
    const many = Array.from({ length: 20 }, () => north)
    expect(ranks([nowhere], many, [[3]])).toEqual([21])
    expect(ranks([east], [nowhere, north], [[0]])).toEqual([11])
  })

  it.each([
    ['one item', [east], [0]],
    ['correct items only', [east, north], [0, 1]],
  ])('misses a query without a finite similarity in a gallery of %s', (_, gallery, relevant) => {
    expect(ranks([nowhere, east], gallery, [relevant, relevant])).toEqual([11, 1])
    expect(
      retrieval({ queries: rows(nowhere), gallery: rows(...gallery), width: 2, relevant: [relevant] }),
    ).toEqual({ 'R@1': 0, 'R@5': 0, 'R@10': 0, MedR: 11, MeanR: 11 })
  })

  it('counts a wrong item with a NaN similarity as ahead, and ignores a correct one', () => {
    expect(ranks([east], [nowhere, east, north], [[1]])).toEqual([2])
    expect(ranks([east], [nowhere, east, north], [[0, 1]])).toEqual([1])
  })

  it('agrees with the whole matrix, whatever the sizes', () => {
    const sizes = fc.record({
      queries: fc.integer({ min: 1, max: 70 }),
      gallery: fc.integer({ min: 1, max: 300 }),
      width: fc.integer({ min: 1, max: 9 }),
      seed: fc.integer(),
    })
    fc.assert(
      fc.property(sizes, ({ queries, gallery, width, seed }) => {
        const stream = random(seed, 'features')
        const features = (count: number) =>
          Float32Array.from({ length: count * width }, () => stream.integer(5) - 2.25)
        const input = { queries: features(queries), gallery: features(gallery), width }
        const relevant = Array.from({ length: queries }, () => [
          stream.integer(gallery),
          stream.integer(gallery),
        ])
        const found = retrievalRanks({ ...input, relevant })
        for (let query = 0; query < queries; query++) {
          const similarities = Array.from({ length: gallery }, (_, j) => cosine(input, query, j))
          const best = Math.max(...relevant[query]!.map((j) => similarities[j]!))
          const wrong = similarities.filter((_, j) => !relevant[query]!.includes(j))
          const clear = wrong.filter((s) => s > best + 1e-6).length
          const tied = wrong.filter((s) => Math.abs(s - best) <= 1e-6).length
          expect(found[query]).toBeGreaterThan(clear)
          expect(found[query]).toBeLessThanOrEqual(1 + clear + tied)
        }
      }),
      { numRuns: 40, seed: 1 },
    )
  })

  it('names the query without a correct item', () => {
    expect(() => ranks([east, east], [east], [[0], []])).toThrow(
      expect.objectContaining({
        code: 'metrics/no-relevant-item',
        facts: expect.objectContaining({ query: 1 }),
      }),
    )
    expect(() => ranks([east], [east], [[1]])).toThrow(/gallery row 1 .* rows 0 to 0/)
  })

  it('refuses lengths that do not fit', () => {
    expect(() => ranks([east], [east], [])).toThrow(expect.objectContaining({ code: 'shape/relevant' }))
    expect(() => ranks([[1, 2, 3]], [east], [[0]])).toThrow(
      expect.objectContaining({ code: 'shape/features' }),
    )
  })
})

describe('retrieval', () => {
  const line = Array.from({ length: 12 }, (_, i) => [Math.cos(i / 8), Math.sin(i / 8)])
  const measure = (relevant: number[]) =>
    retrieval({
      queries: rows(...relevant.map(() => east)),
      gallery: rows(...line),
      width: 2,
      relevant: relevant.map((item) => [item]),
    })

  it('puts the borders of R@k between ranks k and k + 1', () => {
    expect(measure([0, 1, 4, 5, 9, 10])).toEqual({
      'R@1': 100 / 6,
      'R@5': 300 / 6,
      'R@10': 500 / 6,
      MedR: 5.5,
      MeanR: 35 / 6,
    })
  })

  it('takes the middle rank of an odd number, whatever their order', () => {
    expect(measure([11, 0, 3]).MedR).toBe(4)
  })

  it('finds nothing in a collapsed model', () => {
    const same = rows(...line.map(() => east))
    const metrics = retrieval({ queries: same, gallery: same, width: 2, relevant: line.map((_, i) => [i]) })
    expect(metrics).toEqual({ 'R@1': 0, 'R@5': 0, 'R@10': 0, MedR: 12, MeanR: 12 })
  })

  it('finds the one item of a gallery, unless it is not among the correct ones', () => {
    const one = { queries: rows(east), gallery: rows(north), width: 2 }
    expect(retrieval({ ...one, relevant: [[0, 0]] })).toMatchObject({ 'R@1': 100, MeanR: 1 })
    expect(() => retrieval({ ...one, relevant: [[1]] })).toThrow(/rows 0 to 0/)
  })

  it('refuses to measure nothing', () => {
    const empty = { queries: new Float32Array(), gallery: rows(east), width: 2, relevant: [] }
    expect(() => retrieval(empty)).toThrow(expect.objectContaining({ code: 'metrics/no-queries' }))
  })
})

function cosine(
  input: { queries: Float32Array; gallery: Float32Array; width: number },
  i: number,
  j: number,
) {
  const [a, b] = [input.queries.subarray(i * input.width), input.gallery.subarray(j * input.width)]
  let [dot, squaresA, squaresB] = [0, 0, 0]
  for (let k = 0; k < input.width; k++) {
    dot += a[k]! * b[k]!
    squaresA += a[k]! ** 2
    squaresB += b[k]! ** 2
  }
  return dot / Math.sqrt(squaresA * squaresB)
}
