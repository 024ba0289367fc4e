import { expect, test } from 'vitest'
import { compareResults } from './compare.ts'
import type { SampleValues } from './measured.ts'
import type { SuiteResult } from './suite-result.ts'

const result = (directory: string, samples: SampleValues, sha256 = 'same'): SuiteResult => ({
  suite: 'mine',
  directory,
  tests: {
    photos: {
      zeroShot: {
        metrics: { accuracy: { value: 0.5, better: 'max', count: samples.ids.length } },
        headline: ['accuracy'],
        samples: { accuracy: samples },
        sections: [],
      },
    },
  },
  aggregate: {},
  provenance: {
    ...{ model: {}, versions: {}, seed: 5, command: [], data: { photos: { sha256, samples: 6 } } },
    suite: { name: 'mine', seed: 5, tests: {} },
    settings: { device: 'cpu', onBadSample: 'fail' },
  },
})
const ids = ['a', 'b', 'c', 'd', 'e', 'f']
const first = result('one', { ids, values: [1, 0, 0, 0, 1, 0] })
const pairedOf = (second: SuiteResult, notes: string[] = []) =>
  compareResults(first, second, (note) => notes.push(note)).tests.photos!.zeroShot!.metrics.accuracy!.paired!

test('samples are paired by their ids: difference, interval and the exact test, worked by hand', () => {
  // Only the second has b, c, d and f right, only the first a: p = 2 · (C(5, 0) + C(5, 1)) / 2⁵.
  const other = result('two', { ids: ids.toReversed(), values: [1, 1, 1, 1, 1, 0] })
  const { difference, interval, ...rest } = pairedOf(other)
  expect(rest).toEqual({ pairs: 6, mcNemar: { onlyFirst: 1, onlySecond: 4, p: expect.closeTo(0.375, 12) } })
  expect(difference).toBeCloseTo(0.5, 12)
  expect(interval[0]).toBeLessThan(difference)
  expect(interval[1]).toBeGreaterThan(difference)
})

test('NaN is wrong to the exact test, and other values than right and wrong have none', () => {
  const values = [1, Number.NaN, 0, 0, 1, 0]
  expect(pairedOf(result('two', { ids, values })).mcNemar).toMatchObject({ onlyFirst: 0, onlySecond: 0 })
  expect(pairedOf(result('two', { ids, values: [0.5, 1, 0, 0, 1, 0] }))).not.toHaveProperty('mcNemar')
})

test('samples of one model alone are left out and told; other data is refused', () => {
  const notes: string[] = []
  const few = result('two', { ids: ['a', 'b', 'x'], values: [1, 1, 1] })
  expect(pairedOf(few, notes)).toMatchObject({ pairs: 2, difference: 0.5 })
  expect(notes).toEqual([
    "photos, zeroShot: 5 samples of accuracy are one model's alone and are not compared",
  ])
  expect(() => pairedOf(result('two', first.tests.photos!.zeroShot!.samples.accuracy!, 'other'))).toThrow(
    expect.objectContaining({ code: 'evaluation/other-samples' }),
  )
  expect(() => pairedOf(result('two', { ids: ['x'], values: [1] }))).toThrow(
    'no sample of accuracy in common',
  )
})

test('samples of one cluster are drawn together, so that alike ones widen the interval', () => {
  const many = Array.from({ length: 40 }, (_, i) => `${i}`)
  const clusters = many.map((_, i) => `image ${Math.floor(i / 4)}`)
  const better = many.map((_, i) => Number(i % 8 < 4)) // every other image, with all its captions
  const intervalOf = (more: Pick<SampleValues, 'clusters'>) => {
    const [one, other] = [
      { ids: many, values: many.map(() => 0) },
      { ids: many, values: better },
    ].map((values, i) => result(String(i), { ...values, ...more }))
    return compareResults(one!, other!).tests.photos!.zeroShot!.metrics.accuracy!.paired!.interval
  }
  const width = ([low, high]: readonly [number, number]) => high - low
  expect(width(intervalOf({ clusters })) / width(intervalOf({}))).toBeGreaterThan(1.6) // √4 of many images
})

test('numbers of one model alone are told, and are no headline of the comparison', () => {
  const notes: string[] = []
  const other = result('two', { ids, values: [1, 0, 0, 0, 1, 0] })
  const { zeroShot } = other.tests.photos!
  const renamed = { ...zeroShot!, metrics: { recall: zeroShot!.metrics.accuracy! }, headline: ['recall'] }
  const second: SuiteResult = { ...other, tests: { photos: { zeroShot: renamed } } }
  const compared = compareResults(first, second, (note) => notes.push(note)).tests.photos!.zeroShot
  expect(compared).toEqual({ headline: [], metrics: {} })
  expect(notes).toEqual(["photos, zeroShot: accuracy, recall are one model's alone and not compared"])
})

test('ranks are no answers, even where all of them are 1', () => {
  const ranks = result('one', { ids, values: [1, 1, 1, 1, 1, 1] })
  const { accuracy } = ranks.tests.photos!.zeroShot!.metrics
  const tests = {
    photos: {
      zeroShot: { ...ranks.tests.photos!.zeroShot!, metrics: { accuracy: { ...accuracy!, better: 'min' } } },
    },
  } as const
  const ranked: SuiteResult = { ...ranks, tests }
  expect(compareResults(ranked, ranked).tests.photos!.zeroShot!.metrics.accuracy!.paired).not.toHaveProperty(
    'mcNemar',
  )
})
