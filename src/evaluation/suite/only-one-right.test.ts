import { expect, test } from 'vitest'
import { drawnPng } from '../../../test/support/drawn-png.ts'
import type { Sample, Source } from '../../data/index.ts'
import { compareResults } from './compare.ts'
import type { Findings } from './evaluator.ts'
import { onlyOneRight } from './only-one-right.ts'
import type { SuiteResult } from './suite-result.ts'

const image = { bytes: await drawnPng() }
const ids = ['a', 'b', 'c', 'd#1']
const samples: readonly Sample[] = ids.map((id) => ({
  ...{ id, image, captions: [`picture ${id}`, `other words for ${id}`], origin: { file: id } },
}))
const source: Source = {
  name: 'mine',
  async *samples() {
    yield* samples
  },
}

const found = (found: readonly number[], ranks: readonly number[], texts: readonly number[]): Findings => ({
  metrics: {
    'imageToText.R@1': { value: 50, better: 'max', count: 4 },
    'textToImage.R@1': { value: 50, better: 'max', count: 4 },
    'imageToText.MeanR': { value: 2, better: 'min', count: 4 },
  },
  headline: ['imageToText.R@1', 'textToImage.R@1'],
  samples: {
    'imageToText.R@1': { ids, values: found },
    'imageToText.MeanR': { ids, values: ranks },
    'textToImage.R@1': { ids: ids.map((id) => `${id}#1`), values: texts },
  },
  sections: [],
})
const result = (directory: string, retrieval: Findings): SuiteResult => ({
  ...{ suite: 'mine', directory, tests: { photos: { retrieval } }, aggregate: {} },
  provenance: {
    ...{ model: {}, versions: {}, seed: 5, command: [], data: {} },
    suite: {
      ...{ name: 'mine', seed: 5 },
      tests: { photos: { data: { kind: 'own', name: 'mine' }, evaluators: [] } },
    },
    settings: { device: 'cpu', onBadSample: 'fail' },
  },
})

test('shows samples that only one of two models gets right, with places of the right answers', async () => {
  const first = result('one', found([100, 0, 100, 0], [1, 7, 1, 2], [0, 0, 0, 0]))
  const second = result('two', found([100, 100, 0, 0], [1, 1, 3, Number.NaN], [0, 0, 0, 100]))
  const sections = await onlyOneRight(first, second, compareResults(first, second), () => source)
  const words = sections.photos!.map(({ title, body }) => [title, body.toString()] as const)
  expect(words.map(([title]) => title)).toEqual([
    'Retrieval · Image to text · R@1: only A is right',
    'Retrieval · Image to text · R@1: only B is right',
    'Retrieval · Text to image · R@1: only B is right',
  ])
  expect(words[0]![1]).toMatch(
    /data:image[\s\S]*picture c[\s\S]*A: right answer in place 1[\s\S]*B: right answer in place 3/,
  )
  expect(words[1]![1]).toContain('picture b')
  expect(words[1]![1]).not.toContain('picture d')
  expect(words[2]![1]).toContain('other words for d#1')
  expect(sections.photos![0]!.note).toBe('1 of 4.')
})

test('has nothing to show for tests without data', async () => {
  const first = result('one', found([100, 0, 100, 0], [1, 7, 1, 2], [0, 0, 0, 0]))
  const { photos: _, ...tests } = first.provenance.suite.tests
  const own = { ...first, provenance: { ...first.provenance, suite: { ...first.provenance.suite, tests } } }
  expect(await onlyOneRight(own, own, compareResults(own, own), () => source)).toEqual({})
})
