import sharp from 'sharp'
import { expect, test } from 'vitest'
import { tinyBundle } from '../../../test/support/tiny-bundle.ts'
import { type HostArray, splitRows } from '../../core/index.ts'
import type { Sample, Source } from '../../data/index.ts'
import { DualEncoderRuntime } from '../../deploy/index.ts'
import { ModelUnderTest } from '../suite/model-under-test.ts'
import { retrievalEvaluator } from '../suite/retrieval.ts'
import { robustness, robustnessEvaluator } from './robustness.ts'

const colors: Readonly<Record<string, readonly [number, number, number]>> = {
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  pink: [255, 0, 255],
}

const samples: readonly Sample[] = await Promise.all(
  Object.entries(colors).map(async ([name, [r, g, b]]) => {
    const background = { r, g, b }
    const bytes = await sharp({ create: { width: 32, height: 32, channels: 3, background } })
      .png()
      .toBuffer()
    return { id: name, image: { bytes }, captions: [name], origin: { file: name } }
  }),
)

/** A model that knows an image by its mean colour, and a text by the colour that it names. */
function colorReader() {
  const description = tinyBundle()
  const { mean, std } = description.image
  const read = { images: 0, texts: 0 }
  const unit = (row: readonly number[]) => row.map((value) => value / Math.max(1e-9, Math.hypot(...row)))
  const runner = {
    encodeImages: async ({ data, shape }: HostArray) => {
      read.images += shape[0]!
      const rows = splitRows(data as Float32Array, shape[0]!)
      const meanOf = (row: Float32Array, c: number) =>
        row.subarray(c * 1024, (c + 1) * 1024).reduce((sum, value) => sum + value, 0) / 1024
      return Float32Array.from(
        rows.flatMap((row) => unit([0, 1, 2].map((c) => meanOf(row, c) * std[c]! + mean[c]! - 0.4))),
      )
    },
    encodeTexts: async ({ data, shape }: HostArray) => {
      read.texts += shape[0]!
      const texts = splitRows(data as BigInt64Array, shape[0]!).map((row) =>
        description.tokenizer.decode([...row].map(Number)),
      )
      return Float32Array.from(
        texts.flatMap((text) => {
          const named = Object.keys(colors).find((name) => text.includes(name))
          return named ? unit(colors[named]!.map((level) => level / 255 - 0.4)) : [0, 0, 0]
        }),
      )
    },
  }
  const source: Source = {
    name: 'colours',
    async *samples() {
      yield* samples
    },
  }
  const model = new ModelUnderTest({
    ...{ directory: 'models/colours', description, files: {}, seed: 4, workers: 0, openSource: () => source },
    dualEncoder: new DualEncoderRuntime(description, runner as never),
  })
  return { subject: model.subject('colours', { kind: 'own', name: 'colours' }), read }
}

test('through the whole pipeline: what mean colours withstand, and what not; the clean value is that of retrieval', async () => {
  const { subject, read } = colorReader()
  const options = robustnessEvaluator.schema.parse(
    robustness({ axes: ['noise', 'blur', 'contrast', 'occlusion', 'typos'], severities: [1, 5] }),
  )
  const { metrics, details, samples: values } = await robustnessEvaluator.evaluate(subject, options)
  const clean = await retrievalEvaluator.evaluate(subject)
  for (const way of ['imageToText.R@1', 'textToImage.R@1'])
    expect(metrics[`clean.${way}`]).toEqual(clean.metrics[way])
  expect(metrics['clean.imageToText.R@1']!.value).toBe(100)
  // One colour stays what it is under blur and about its own mean; noise is even.
  for (const axis of ['noise', 'blur', 'contrast'])
    expect(metrics[`${axis}.imageToText.R@1`]!.value, axis).toBe(100)
  // Words of four letters, a typo in a fifth of the letters.
  expect(metrics['typos-5.textToImage.R@1']!.value).toBeLessThan(100)
  expect(metrics['typos-1.textToImage.R@1']!.value).toBeGreaterThanOrEqual(
    metrics['typos-5.textToImage.R@1']!.value,
  )
  // 1 clean, 1 of noise, 2 each of three axes; texts once more for each severity of typos.
  expect(details!.passes).toBe(10)
  expect(read.images).toBe(4 * 8)
  const again = await robustnessEvaluator.evaluate(colorReader().subject, options)
  expect(again.metrics).toEqual(metrics)
  expect(again.samples).toEqual(values)
})
