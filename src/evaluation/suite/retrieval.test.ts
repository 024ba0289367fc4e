import { expect, test } from 'vitest'
import { drawnPng } from '../../../test/support/drawn-png.ts'
import type { Sample } from '../../data/index.ts'
import { wilson } from '../../metrics/index.ts'
import { blockProducts } from './block-products.ts'
import { retrievalEvaluator } from './retrieval.ts'
import type { Features, Subject } from './subject.ts'

const bytes = await drawnPng()
const sampleOf = (id: string): Sample => ({
  ...{ id, image: { bytes }, captions: [`picture ${id}`], origin: { file: id } },
})

/** Four images and their captions as unit vectors in the plane, by their angles in degrees. */
function subject(
  images: readonly number[],
  texts: readonly number[],
  concepts = ['a', 'b', 'c', 'd'],
  clusters?: readonly string[],
) {
  const notes: string[] = []
  const vectors = (angles: readonly number[]) =>
    Float32Array.from(
      angles.flatMap((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]),
    )
  const features: Features = {
    ...{
      imageIds: ['a', 'b', 'c', 'd'],
      textIds: ['a', 'b', 'c', 'd'],
      textCaptions: [0, 0, 0, 0],
      width: 2,
    },
    ...{ imageFeatures: vectors(images), textFeatures: vectors(texts) },
    ...{ imageConcepts: concepts, textConcepts: concepts.map((concept) => [concept]) },
    samples: new Map(['a', 'b', 'c', 'd'].map((id) => [id, sampleOf(id)])),
  }
  const model = {
    name: 'shapes',
    seed: 1,
    features: async () => features,
    clusters: async () => clusters,
    products: (width: number) => blockProducts(width, { threads: 1 }),
    note: (text: string) => notes.push(text),
  }
  return { subject: model as unknown as Subject, notes }
}

test('ranks give recalls with Wilson’s intervals, and values of samples whose mean is the recall', async () => {
  // Image d lies beside the caption of a, which finds it before a; its own caption is the last for it.
  const { metrics, samples, headline } = await retrievalEvaluator.evaluate(
    subject([0, 30, 60, 2], [1.5, 31, 61, 90]).subject,
  )
  expect(headline).toEqual(['imageToText.R@1', 'textToImage.R@1'])
  expect(metrics['imageToText.R@1']).toEqual({
    ...{ value: 75, better: 'max', count: 4 },
    interval: [expect.closeTo(30.0642, 4), expect.closeTo(95.4413, 4)],
  })
  expect(samples['imageToText.R@1']).toEqual({ ids: ['a', 'b', 'c', 'd'], values: [100, 100, 100, 0] })
  expect(samples['imageToText.MeanR']!.values).toEqual([1, 1, 1, 4])
  expect(metrics['imageToText.MeanR']).toMatchObject({ value: 1.75, better: 'min', count: 4 })
  expect(samples['textToImage.R@1']).toEqual({ ids: ['a#0', 'b#0', 'c#0', 'd#0'], values: [0, 100, 100, 0] })
  expect(metrics['gallery.images']).toEqual({ value: 4, count: 4 })
})

test('samples of one image are a cluster, of which no interval knows more than of few samples', async () => {
  const [images, texts] = [
    [0, 30, 60, 2],
    [1.5, 31, 61, 90],
  ]
  const clusters = ['p', 'q', 'p', 'q']
  const { metrics, samples } = await retrievalEvaluator.evaluate(
    subject(images, texts, undefined, clusters).subject,
  )
  const found = metrics['textToImage.R@1']!
  // Both clusters are half right: they do not answer alike, and count as the four samples that they are.
  expect(found).toMatchObject({
    value: 50,
    count: 4,
    interval: wilson(2, 4).interval.map((end) => 100 * end),
  })
  expect(samples['textToImage.R@1']!.clusters).toEqual(clusters)
  expect(samples['imageToText.MeanR']!.clusters).toEqual(clusters)
  // All right: as sure as of two samples.
  const right = await retrievalEvaluator.evaluate(
    subject([0, 30, 60, 90], [0, 30, 60, 90], undefined, clusters).subject,
  )
  expect(right.metrics['textToImage.R@1']!.interval).toEqual(wilson(2, 2).interval.map((end) => 100 * end))
})

test('where nothing is found the interval is in percent, too', async () => {
  const { metrics } = await retrievalEvaluator.evaluate(subject([0, 0, 0, 0], [5, 5, 5, 5]).subject)
  expect(metrics['imageToText.R@1']).toMatchObject({ value: 0, interval: [0, expect.closeTo(48.99, 2)] })
})

test('shows the most confident mistakes first, then the hardest, then right answers', async () => {
  const { sections } = await retrievalEvaluator.evaluate(subject([0, 30, 60, 2], [1.5, 31, 61, 90]).subject)
  expect(sections.map(({ title }) => title)).toEqual([
    'Images ask for captions: most confident mistakes',
    'Images ask for captions: hardest',
    'Images ask for captions: right',
    'Captions ask for images: most confident mistakes',
    'Captions ask for images: hardest',
    'Captions ask for images: right',
  ])
  expect(sections[0]!.body.toString()).toMatch(/asked.*picture d[\s\S]*1 ✗/)
})

test('features that are not numbers are wrong, and counted', async () => {
  const { subject: given, notes } = subject([0, 30, 60, Number.NaN], [0, 30, 60, 90])
  const { metrics } = await retrievalEvaluator.evaluate(given)
  expect(metrics['imageToText.R@1']!.value).toBe(75)
  expect(notes).toEqual(["1 images of 'shapes' have features that are not finite; they count as wrong"])
})

test('data of one concept, in which every answer is right, is refused', async () => {
  const { subject: given } = subject([0, 1, 2, 3], [0, 1, 2, 3], ['a', 'a', 'a', 'a'])
  await expect(retrievalEvaluator.evaluate(given)).rejects.toMatchObject({ code: 'evaluation/one-answer' })
})
