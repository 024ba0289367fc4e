import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { membersOf } from '../../test/training/members.ts'
import type { Batch } from '../core/index.ts'
import { horizontalFlip, randomResizedCrop } from './augment/index.ts'
import { type Loader, loader } from './loader.ts'
import type { LoaderOptions } from './loader-options.ts'
import { mixUp } from './mix/index.ts'
import type { Sample } from './sample.ts'
import type { Source } from './source.ts'

let samples: Sample[]

beforeAll(async () => {
  samples = await Promise.all(
    Array.from({ length: 11 }, async (_, index) => {
      const background = { r: index * 20, g: 255 - index * 20, b: (index * 70) % 256 }
      const create = { width: 8, height: 8, channels: 3, background } as const
      const bytes = await sharp({ create }).png().toBuffer()
      const origin = { file: 'list.csv', line: index + 1 }
      return {
        id: `s${index}`,
        image: { bytes },
        captions: [`number ${index}`],
        origin,
        concept: `c${index}`,
      }
    }),
  )
})

const source = (...bad: readonly number[]): Source => ({
  name: 'memory',
  size: samples.length,
  async *samples({ skip = 0 } = {}) {
    for (const [i, sample] of samples.entries())
      if (i >= skip) yield bad.includes(i) ? { ...sample, image: { bytes: Buffer.from('no') } } : sample
  },
})

const steps = 7

async function batchesOf(
  changes: Partial<LoaderOptions>,
): Promise<{ batches: Batch[]; positions: unknown[]; stream: Loader }> {
  const augment = [randomResizedCrop(6), horizontalFlip()]
  const stream = loader({
    source: source(),
    batchSize: 5,
    seed: 3,
    resolution: 8,
    augment,
    workers: 0,
    ...changes,
  })
  const [batches, positions]: [Batch[], unknown[]] = [[], []]
  for await (const batch of stream) {
    batches.push(batch)
    positions.push(stream.position)
    if (batches.length === steps) break
  }
  return { batches, positions, stream }
}

/** The samples of a batch with their pixels, whatever their order. */
const contentOf = (batches: readonly Batch[]) =>
  batches
    .flatMap(({ ids, arrays: { pixelValues } }) =>
      ids.map((id, row) => {
        const size = pixelValues!.data.length / ids.length
        return `${id} ${(pixelValues!.data as Float32Array).slice(row * size, (row + 1) * size).join()}`
      }),
    )
    .sort()

describe('members', () => {
  it.each([
    ['plain', () => ({})],
    ['with bad samples', () => ({ source: source(1, 4, 8), onBadSample: 'skip' as const })],
    ['of unique concepts', () => ({ source: source(2), onBadSample: 'skip' as const, uniqueConcepts: true })],
    ['mixed with each other', () => ({ mix: [mixUp()] })],
  ])('have together the batches of one, %s', async (_, changes) => {
    const whole = await batchesOf(changes())
    const parts = await Promise.all(membersOf(2).map((members) => batchesOf({ ...changes(), members })))
    for (let step = 0; step < steps; step++) {
      const together = parts.map(({ batches }) => batches[step]!)
      expect(together.every(({ ids }) => ids.length > 0 && ids.length < 5)).toBe(true)
      expect(contentOf(together)).toEqual(contentOf([whole.batches[step]!]))
      for (const { positions } of parts) expect(positions[step]).toEqual(whole.positions[step])
    }
    for (const { stream } of parts) expect(stream.badSamples).toHaveLength(whole.stream.badSamples.length)
  })

  it('go on from a position of one', async () => {
    const bad = { source: source(1, 4, 8), onBadSample: 'skip' as const }
    const whole = await batchesOf(bad)
    const position = whole.positions[2] as NonNullable<LoaderOptions['position']>
    const parts = await Promise.all(membersOf(2).map((members) => batchesOf({ ...bad, members, position })))
    for (let step = 0; step < steps - 3; step++)
      expect(contentOf(parts.map(({ batches }) => batches[step]!))).toEqual(
        contentOf([whole.batches[step + 3]!]),
      )
  })
})
