import sharp from 'sharp'
import { beforeAll, expect, it } from 'vitest'
import { random } from '../core/index.ts'
import { randomResizedCrop } from './augment/index.ts'
import { loader } from './loader.ts'
import type { LoaderOptions } from './loader-options.ts'
import type { Sample } from './sample.ts'

let samples: Sample[]

beforeAll(async () => {
  const noise = random(1, 'noise')
  const data = Uint8Array.from({ length: 12 * 12 * 3 }, () => noise.integer(256))
  const bytes = await sharp(data, { raw: { width: 12, height: 12, channels: 3 } })
    .png()
    .toBuffer()
  samples = Array.from({ length: 6 }, (_, i) => ({
    id: `s${i}`,
    image: { bytes },
    captions: [`number ${i}`],
    origin: { file: 'list.csv', line: i + 1 },
  }))
})

/** The pixels of each sample, augmentation by augmentation as the passes go. */
async function passes(changes: Partial<LoaderOptions>): Promise<Record<string, string[]>> {
  const seen: Record<string, string[]> = {}
  const source = {
    name: 'memory',
    size: 6,
    samples: async function* ({ skip = 0 } = {}) {
      yield* samples.slice(skip)
    },
  }
  const options = {
    source,
    batchSize: 4,
    seed: 2,
    resolution: 12,
    augment: [randomResizedCrop(8)],
    workers: 0,
  }
  for await (const { ids, arrays } of loader({ ...options, ...changes })) {
    const { pixelValues, augmentations } = arrays
    for (const [row, id] of ids.entries()) {
      const pixels = pixelValues!.data.slice(row * 192, (row + 1) * 192).join()
      seen[id] = [...(seen[id] ?? []), `${augmentations?.data[row]}: ${pixels}`]
    }
  }
  return seen
}

it('augmentations come again pass after pass, with their numbers', async () => {
  const endless = await passes({ epochs: 4 })
  const again = await passes({ epochs: 4, augmentations: { count: 2, seed: 2 } })
  for (const { id } of samples) {
    const [first, second, third, fourth] = again[id]!
    expect(new Set(endless[id]).size).toBe(4)
    expect([third, fourth]).toEqual([first, second])
    expect(first).not.toBe(second)
    expect([first, second]).toEqual(
      endless[id]!.slice(0, 2).map((seen, i) => seen.replace('undefined', String(i))),
    )
  }
})

it('augmentations have a seed of their own', async () => {
  const own = await passes({ epochs: 1, augmentations: { count: 1, seed: 3 } })
  const other = await passes({ epochs: 1, seed: 3, augmentations: { count: 1, seed: 3 } })
  const without = await passes({ epochs: 1, augmentations: { count: 1, seed: 2 } })
  expect(other).toEqual(own)
  expect(without).not.toEqual(own)
})

it('a loader with a number of passes ends with the last sample of the last one', async () => {
  for (const epochs of [1, 3]) {
    const seen = Object.values(await passes({ epochs }))
    expect(seen.map((times) => times.length)).toEqual(Array(6).fill(epochs))
  }
})
