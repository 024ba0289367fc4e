import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drawnPng } from '../../../test/support/drawn-png.ts'
import { tinyBundle } from '../../../test/support/tiny-bundle.ts'
import type { HostArray } from '../../core/index.ts'
import { type Sample, type Source, sensorNoise, typos } from '../../data/index.ts'
import { DualEncoderRuntime } from '../../deploy/index.ts'
import { FeatureStore } from './feature-store.ts'
import { ModelUnderTest } from './model-under-test.ts'

const image = { bytes: await drawnPng() }
const samples: readonly Sample[] = ['a', 'b', 'c'].map((id) => ({
  ...{ id, image, captions: [`a red car ${id}`, `a green apple ${id}`], origin: { file: id } },
}))
const spec = { kind: 'own', name: 'mine' } as const
const description = tinyBundle()

/** A model that counts the rows it encodes; a feature is the sum of what it reads. */
function counting(store?: FeatureStore, device = 'cpu') {
  const counts = { images: 0, texts: 0 }
  const rows = (kind: 'images' | 'texts') => async (array: HostArray) => {
    const [count] = array.shape as [number]
    counts[kind] += count
    const width = array.data.length / count
    return Float32Array.from({ length: count }, (_, row) =>
      Array.from(array.data.slice(row * width, (row + 1) * width), Number).reduce((sum, x) => sum + x, 0),
    )
  }
  const runner = { encodeImages: rows('images'), encodeTexts: rows('texts') }
  const source: Source = { name: 'mine', samples: () => stream() }
  const model = new ModelUnderTest({
    ...{ directory: 'models/counting', description, files: { 'config.json': 'digest' }, seed: 4, workers: 0 },
    engine: { device },
    dualEncoder: new DualEncoderRuntime(description, runner),
    openSource: () => source,
    store,
  })
  return { model, counts }
}

async function* stream() {
  yield* samples
}

test('features are computed once for all evaluators, and for all names of the data', async () => {
  const { model, counts } = counting()
  const features = await model.subject('one', spec).features()
  expect(await model.subject('two', spec).beside({ name: 'three', spec }).features()).toBe(features)
  expect(counts).toEqual({ images: 3, texts: 6 })
  expect([features.imageIds, features.textCaptions]).toEqual([
    ['a', 'b', 'c'],
    [0, 1, 0, 1, 0, 1],
  ])
  expect(features.samples.get('b')).toBe(samples[1])
  const data = await model.data()
  expect(Object.keys(data)).toEqual(['one', 'two', 'three'])
  expect(data.one).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), samples: 3 })
})

test('samples with one image are a cluster; those with images of their own are not', async () => {
  const { model } = counting()
  const subject = model.subject('one', spec)
  const clusters = await subject.clusters(['a', 'b', 'a'])
  expect(new Set(clusters).size).toBe(1)
  expect(clusters).toHaveLength(3)
  expect(await subject.clusters(['b'])).toBeUndefined()
})

test('a variation encodes what it changes: images, or captions, and both the same again', async () => {
  const { model, counts } = counting()
  const subject = model.subject('one', spec)
  const plain = await subject.features()
  const noise = { name: 'noise', images: [sensorNoise({ deviation: [0.2, 0.2] })] }
  const noisy = await subject.features({ variation: noise })
  expect(counts).toEqual({ images: 6, texts: 6 })
  expect(noisy.imageFeatures).not.toEqual(plain.imageFeatures)
  expect(noisy.textFeatures).toEqual(plain.textFeatures)
  const typed = await subject.features({
    variation: { name: 'typos', texts: [typos({ probability: 1, rate: 0.5 })] },
  })
  expect(counts).toEqual({ images: 6, texts: 12 })
  expect(typed.imageFeatures).toEqual(plain.imageFeatures)
  expect(typed.textFeatures).not.toEqual(plain.textFeatures)
  expect((await subject.features({ variation: noise })).imageFeatures).toEqual(noisy.imageFeatures)
})

test('kept features are read by the next suite instead of computed', async () => {
  const store = new FeatureStore(mkdtempSync(join(tmpdir(), 'visuomotor-')), () => {})
  const first = await counting(store).model.subject('one', spec).features()
  const { model, counts } = counting(store)
  expect(await model.subject('one', spec).features()).toEqual(first)
  expect(counts).toEqual({ images: 0, texts: 0 })
  const other = counting(store, 'webgpu')
  await other.model.subject('one', spec).features()
  expect(other.counts).toEqual({ images: 3, texts: 6 })
})
