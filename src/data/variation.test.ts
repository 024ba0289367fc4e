import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Batch } from '../core/index.ts'
import { normalize, resize, sensorNoise } from './augment/index.ts'
import { loader } from './loader.ts'
import type { LoaderOptions } from './loader-options.ts'
import type { Source } from './source.ts'
import { Tokenizer, trainBpe, typos } from './text/index.ts'

const captions = ['a red cup beside the plate', 'the wooden table']
const trained = trainBpe(captions, { vocabularySize: 520 })
const tokenizer = Tokenizer.fromJson(trained.json, trained.config)
const texts = { inputIds: { tokenizer, length: 40 } }
const noise = sensorNoise({ deviation: [0.1, 0.1] })

let source: Source

beforeAll(async () => {
  const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: 'teal' } })
  const image = { bytes: await picture.png().toBuffer() }
  const ids = ['a', 'b', 'c']
  source = {
    name: 'memory',
    size: 3,
    async *samples({ skip = 0 } = {}) {
      for (const id of ids.slice(skip)) yield { id, image, captions, origin: { file: id } }
    },
  }
})

async function batchesOf(changes: Partial<LoaderOptions> = {}): Promise<Batch[]> {
  const all: Batch[] = []
  const options = {
    mode: 'evaluate',
    batchSize: 2,
    seed: 5,
    resolution: 4,
    workers: 0,
    allCaptions: true,
  } as const
  const augment = [normalize({ mean: [0, 0, 0], std: [1, 1, 1] })]
  for await (const batch of loader({ source, ...options, texts, augment, ...changes })) all.push(batch)
  return all
}
const pixelsOf = (batches: readonly Batch[]) =>
  batches.flatMap(({ arrays }) => [...arrays.pixelValues!.data] as number[])
const idsOf = (batches: readonly Batch[]) => [
  batches.flatMap(({ arrays }) => [...arrays.inputIds!.data]),
  batches.flatMap(({ furtherTexts }) => furtherTexts!.map((rows) => rows.map((row) => [...row]))),
]

describe('a variation', () => {
  it('changes images by seed and sample, whatever the batch, and no text', async () => {
    const variation = { images: [noise] }
    const [plain, noisy] = [await batchesOf(), await batchesOf({ variation })]
    expect(pixelsOf(noisy)).not.toEqual(pixelsOf(plain))
    expect(pixelsOf(noisy).slice(0, 48)).not.toEqual(pixelsOf(noisy).slice(48, 96)) // of the same image
    expect(idsOf(noisy)).toEqual(idsOf(plain))
    expect(pixelsOf(await batchesOf({ variation, batchSize: 3 }))).toEqual(pixelsOf(noisy))
    expect(pixelsOf(await batchesOf({ variation, seed: 6 }))).not.toEqual(pixelsOf(noisy))
  })

  it('changes every caption, each in its own way, and no image', async () => {
    const [plain, changed] = [
      await batchesOf(),
      await batchesOf({ variation: { texts: [typos({ probability: 1, rate: 0.3 })] } }),
    ]
    const [[first, further], [firstTyped, furtherTyped]] = [idsOf(plain), idsOf(changed)]
    expect(firstTyped).not.toEqual(first)
    expect(furtherTyped).not.toEqual(further)
    expect(pixelsOf(changed)).toEqual(pixelsOf(plain))
  })

  it('is refused for training data, and where it gives images another size or range', async () => {
    const refused = { code: 'data/variation' }
    await expect(batchesOf({ variation: { images: [resize(2)] } })).rejects.toMatchObject(refused)
    const images = [normalize({ mean: [0, 0, 0], std: [1, 1, 1] })]
    await expect(batchesOf({ variation: { images } })).rejects.toMatchObject(refused)
    await expect(batchesOf({ mode: 'train', variation: { images: [noise] } })).rejects.toMatchObject(refused)
  })
})
