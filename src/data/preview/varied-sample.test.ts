import sharp from 'sharp'
import { expect, test } from 'vitest'
import { emojiPicture } from '../../../test/support/emoji-picture.ts'
import { corruption, sensorNoise } from '../augment/index.ts'
import { loader } from '../loader.ts'
import type { Sample } from '../sample.ts'
import type { Source } from '../source.ts'
import { typos } from '../text/index.ts'
import { variedSample } from './varied-sample.ts'

test('is what a loader gives a model, with the same draws', async () => {
  const image = { bytes: await emojiPicture(48) }
  const sample: Sample = { id: 'a', image, captions: ['a grinning face'], origin: { file: 'a.png' } }
  const source: Source = {
    name: 'one',
    size: 1,
    async *samples() {
      yield sample
    },
  }
  const images = [sensorNoise({ deviation: [0.2, 0.2] }), corruption({ name: 'occlusion', severity: 2 })]
  const options = {
    source,
    batchSize: 1,
    seed: 5,
    resolution: 32,
    workers: 0,
    epochs: 1,
    firstCaption: 1,
    augment: images,
  }
  const batch = await loader(options)[Symbol.asyncIterator]().next()
  const colors = batch.value!.arrays.pixelValues!.data
  const square = { resolution: 32, fit: 'cover', background: [1, 1, 1] } as const
  const texts = [typos({ probability: 1, rate: 0.3 })]
  const varied = await variedSample(sample, square, { images, texts, seed: 5 })
  const seen = await sharp(varied.png).removeAlpha().raw().toBuffer()
  const expected = [...seen].map((_, i) =>
    Math.round(255 * Number(colors[(i % 3) * 1024 + Math.floor(i / 3)])),
  )
  expect([...seen]).toEqual(expected)
  expect(varied.caption).not.toBe('a grinning face')
  const clean = await variedSample(sample, square, { seed: 5 })
  expect(clean.caption).toBe('a grinning face')
  expect(clean.png).not.toEqual(varied.png)
})
