import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { tinyBundle } from '../../test/support/tiny-bundle.ts'
import { DataError, type HostArray } from '../core/index.ts'
import { type EncodedImage, emoji, loader, type Sample } from '../data/index.ts'
import { Program } from '../engine/index.ts'
import { writeBundle } from './bundle.ts'
import { DualEncoderRuntime } from './dual-encoder-runtime.ts'
import { imageOptionsOf } from './image-processing.ts'

const folder = mkdtempSync(join(tmpdir(), 'runtime-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bundle = tinyBundle('clip')
const width = 24
let runtime: DualEncoderRuntime
beforeAll(async () => {
  await writeBundle(join(folder, 'clip'), bundle)
  runtime = await DualEncoderRuntime.load(join(folder, 'clip'))
})

const square = async (color: { r: number; g: number; b: number; alpha?: number }): Promise<EncodedImage> => ({
  bytes: await sharp({ create: { width: 40, height: 30, channels: 4, background: { alpha: 1, ...color } } })
    .png()
    .toBuffer(),
})
const row = (features: Float32Array, i: number) => [...features.subarray(i * width, (i + 1) * width)]
const length = (vector: readonly number[]) => Math.hypot(...vector)

describe('texts', () => {
  test('become unit vectors, the same alone and in batches', async () => {
    const texts = Array.from({ length: 70 }, (_, i) => `a ${i % 2 ? 'red' : 'green'} apple ${i}`)
    const together = await runtime.embedTexts(texts)
    expect(together.length).toBe(70 * width)
    for (const i of [0, 31, 32, 69]) {
      const alone = await runtime.embedTexts([texts[i]!])
      expect(length(row(together, i))).toBeCloseTo(1, 5)
      row(together, i).forEach((value, k) => {
        expect(value).toBeCloseTo(alone[k]!, 5)
      })
    }
    expect(row(together, 0)).not.toEqual(row(together, 1))
  })

  test('are given to the graph without the padding that all of a batch have', async () => {
    const lengths: number[] = []
    const run = vi.spyOn(Program.prototype, 'run')
    for (const texts of [['apple'], ['apple', 'a red apple on a green table'], ['a red apple '.repeat(50)]]) {
      await runtime.embedTexts(texts)
      const { input_ids } = run.mock.lastCall![0] as { input_ids: HostArray }
      lengths.push(input_ids.shape[1]!)
    }
    run.mockRestore()
    const longest = bundle.model.inputs.text.length
    expect(lengths[0]).toBeLessThan(lengths[1]!)
    expect(lengths[2]).toBe(longest)
  })

  test('longer than the model reads are cut; none give none', async () => {
    const long = await runtime.embedTexts(['a red apple '.repeat(50), 'a red apple '.repeat(60)])
    expect(row(long, 0)).toEqual(row(long, 1))
    expect(await runtime.embedTexts([])).toEqual(new Float32Array(0))
  })
})

describe('images', () => {
  test('become unit vectors that depend on what they show', async () => {
    const features = await runtime.embedImages([
      await square({ r: 255, g: 0, b: 0 }),
      await square({ r: 0, g: 0, b: 255 }),
    ])
    expect(length(row(features, 0))).toBeCloseTo(1, 5)
    expect(row(features, 0)).not.toEqual(row(features, 1))
  })

  test('are laid on the background of the bundle', async () => {
    const clear = await square({ r: 0, g: 0, b: 0, alpha: 0 })
    const features = await runtime.embedImages([clear, await square({ r: 255, g: 255, b: 255 })])
    row(features, 0).forEach((value, k) => {
      expect(value).toBeCloseTo(row(features, 1)[k]!, 5)
    })
  })

  test('are prepared as by training’s evaluation', async () => {
    const samples: Sample[] = []
    for await (const sample of emoji({ split: 'validation' }).samples()) if (samples.push(sample) === 3) break
    const source = {
      name: 'three',
      async *samples() {
        yield* samples
      },
    }
    const options = { source, batchSize: 3, seed: 0, mode: 'evaluate', workers: 0 } as const
    for await (const { arrays } of loader({ ...options, ...imageOptionsOf(bundle.image) })) {
      const expected = await runtime.runner.encodeImages(arrays.pixelValues as HostArray)
      expect(await runtime.embedImages(samples.map(({ image }) => image))).toEqual(expected)
    }
    expect.assertions(1)
  })

  test('that cannot be read are named', async () => {
    const file = join(folder, 'broken.png')
    writeFileSync(file, 'no picture')
    const good = await square({ r: 1, g: 2, b: 3 })
    for (const [images, name] of [
      [[good, { file }], file],
      [[good, { file: join(folder, 'missing.png') }], 'missing.png'],
      [[good, { bytes: new Uint8Array(3) }], 'image 1'],
    ] as const) {
      const error = await runtime.embedImages(images).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(DataError)
      expect((error as DataError).message).toContain(name)
    }
  })
})

test('SigLIP runs too', async () => {
  await writeBundle(join(folder, 'siglip'), tinyBundle('siglip'))
  const siglip = await DualEncoderRuntime.load(join(folder, 'siglip'))
  const features = await siglip.embedTexts(['a red apple'])
  expect(length([...features])).toBeCloseTo(1, 5)
})

test('BERT gives a short text among longer ones the feature that it has alone', async () => {
  await writeBundle(join(folder, 'bert'), tinyBundle('vision-text'))
  const bert = await DualEncoderRuntime.load(join(folder, 'bert'))
  const alone = await bert.embedTexts(['a red cup'])
  const among = await bert.embedTexts(['a red cup', 'the robot picks up a red cup from the left'])
  expect(length([...alone])).toBeCloseTo(1, 5)
  for (const [i, value] of alone.entries()) expect(among[i]).toBeCloseTo(value, 5)
})

test('a device that is not there is refused', async () => {
  const error = await DualEncoderRuntime.load(join(folder, 'clip'), { device: 'tpu' as 'cpu' }).catch(
    (e: unknown) => e,
  )
  expect(error).toMatchObject({ code: 'engine/device' })
})
