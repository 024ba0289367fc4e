import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Batch } from '../core/index.ts'
import { horizontalFlip, imageNetStatistics, normalize, randomResizedCrop } from './augment/index.ts'
import { loader } from './loader.ts'
import type { LoaderOptions } from './loader-options.ts'
import type { Sample } from './sample.ts'
import type { Source } from './source.ts'

let samples: Sample[]

beforeAll(async () => {
  samples = await Promise.all(Array.from({ length: 10 }, (_, index) => drawnSample(index)))
})

async function drawnSample(index: number): Promise<Sample> {
  const background = { r: index * 20, g: 255 - index * 20, b: (index * 70) % 256 }
  const dot = {
    input: Buffer.from('<svg width="4" height="4"><rect width="4" height="4" fill="#fff"/></svg>'),
  }
  const picture = sharp({ create: { width: 12, height: 12, channels: 3, background } })
  const bytes = await picture
    .composite([{ ...dot, left: index % 8, top: 3 }])
    .png()
    .toBuffer()
  const id = `drawn/${index}`
  return {
    id,
    image: { bytes },
    captions: [`a left dot ${index}`],
    origin: { file: 'drawn', line: index + 1 },
  }
}

/** A source in memory. */
const memory = (from: readonly Sample[]): Source => ({
  name: 'memory',
  size: from.length,
  async *samples({ skip = 0 } = {}) {
    yield* from.slice(skip)
  },
})

const options = (changes: Partial<LoaderOptions> = {}): LoaderOptions => ({
  source: memory(samples),
  batchSize: 4,
  seed: 7,
  resolution: 10,
  augment: [randomResizedCrop(8), horizontalFlip(), normalize(imageNetStatistics)],
  workers: 0,
  ...changes,
})

async function take(count: number, changes: Partial<LoaderOptions> = {}): Promise<Batch[]> {
  const batches: Batch[] = []
  const stream = loader(options(changes))
  for await (const batch of stream) {
    batches.push(batch)
    if (batches.length === count) break
  }
  return batches
}

describe('loader', () => {
  it('gives every sample once a pass, in batches of one size', async () => {
    const batches = await take(5)
    expect(batches.map(({ ids }) => ids.length)).toEqual([4, 4, 4, 4, 4])
    const ids = batches.flatMap(({ ids }) => ids)
    const all = samples.map(({ id }) => id).sort()
    expect(ids.slice(0, 10).sort()).toEqual(all)
    expect(ids.slice(10).sort()).toEqual(all)
    expect(batches[0]?.arrays.pixelValues?.shape).toEqual([4, 3, 8, 8])
  })

  it('gives the same bits with 0, 1 and 3 workers', async () => {
    const expected = await take(6)
    expect(await take(6, { workers: 1 })).toEqual(expected)
    expect(await take(6, { workers: 3, prefetch: 2 })).toEqual(expected)
  })
})
