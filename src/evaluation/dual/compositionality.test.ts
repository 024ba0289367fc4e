import { describe, expect, test } from 'vitest'
import { fakeData, fakeSubject } from '../../../test/support/dual-subject.ts'
import { wilson } from '../../metrics/index.ts'
import type { Subject } from '../suite/subject.ts'
import { compositionality, compositionalityEvaluator } from './compositionality.ts'

/** Two scenes of each of the four kinds: eight pictures. */
const options = compositionalityEvaluator.schema.parse(compositionality({ scenes: 2, seed: 11 }))

/** A model whose pictures are all [1, 0] and whose captions are given by their places: right ones have even places. */
function subjectOf(caption: (place: number, text: string) => readonly number[]) {
  const dualEncoder = {
    description: { model: { inputs: { image: { size: 32 } } } },
    embedImages: async (images: readonly unknown[]) => Float32Array.from(images.flatMap(() => [1, 0])),
  } as unknown as Subject['dualEncoder']
  const texts = async (all: readonly string[]) =>
    Float32Array.from(all.flatMap((text, i) => caption(i, text)))
  return fakeSubject(fakeData({ width: 2, images: [] }), { dualEncoder, texts })
}

describe('compositionality', () => {
  test('counts the pictures that are nearer to the right caption', async () => {
    // The first three pictures have it right, the others wrong.
    const subject = subjectOf((place) => (place % 2 === (place < 6 ? 0 : 1) ? [1, 0] : [0, 1]))
    const { metrics, headline, samples } = await compositionalityEvaluator.evaluate(subject, options)
    const { rate, interval } = wilson(3, 8)
    expect(metrics.accuracy).toEqual({ value: rate, interval, count: 8, better: 'max', unit: 'fraction' })
    expect(['color', 'kind', 'relation', 'count'].map((kind) => metrics[`${kind}.accuracy`]!.value)).toEqual([
      1, 0.5, 0, 0,
    ])
    expect(headline).toEqual([
      'accuracy',
      ...['color', 'kind', 'relation', 'count'].map((kind) => `${kind}.accuracy`),
    ])
    expect(samples['kind.accuracy']).toEqual({
      ids: ['compositionality/kind/0', 'compositionality/kind/1'],
      values: [1, 0],
    })
  })

  test('shows by its control that a model goes by the words alone', async () => {
    const byWords = subjectOf((_, text) =>
      text.length % 3 === 0 ? [1, 0] : text.length % 3 === 1 ? [0.5, 0.5] : [0, 1],
    )
    const { metrics } = await compositionalityEvaluator.evaluate(byWords, options)
    for (const kind of ['color', 'kind', 'relation', 'count'])
      expect(metrics[`${kind}.withoutImage`]!.value).toBe(metrics[`${kind}.accuracy`]!.value)
  })

  test('a tie and a NaN are wrong', async () => {
    for (const value of [0.5, Number.NaN]) {
      const { metrics } = await compositionalityEvaluator.evaluate(
        subjectOf(() => [value, 0]),
        options,
      )
      expect(metrics.accuracy!.value).toBe(0)
    }
  })

  test('shows pictures with both captions, and takes the suite’s seed where it has none of its own', async () => {
    const { sections, details } = await compositionalityEvaluator.evaluate(
      subjectOf((place) => (place % 2 ? [1, 0] : [0, 1])),
      compositionalityEvaluator.schema.parse(compositionality({ scenes: 1 })),
    )
    expect(sections.map(({ title }) => title)).toEqual([
      'Swapped captions',
      'Another colour',
      'Another kind of object',
      'The opposite relation',
      'Another number',
    ])
    const html = sections[1]!.body.toString()
    const { right, swapped } = (details!.tests as { right: string; swapped: string }[])[0]!
    for (const text of [right, swapped]) expect(html).toContain(text)
    expect(html).toContain('data:image/png')
  })
})
