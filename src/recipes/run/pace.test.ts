import { assert as always, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sample, Source } from '../../data/index.ts'
import { Sampler, startPosition } from '../../data/sampler.ts'
import { stepsOf } from './pace.ts'

const counted = (size: number): Source => ({
  name: 'counted',
  size,
  async *samples({ skip = 0 } = {}) {
    for (let i = skip; i < size; i++) yield sample(i)
  },
})

const sample = (i: number): Sample => ({
  id: `s${i}`,
  image: { bytes: new Uint8Array() },
  captions: ['red'],
  origin: { file: 'list' },
})

const batchesOf = ({ batchSize }: { batchSize: number }) => ({ batches: { size: batchSize } })

/** How often each sample was drawn in so many batches. */
async function drawn(size: number, batchSize: number, steps: number): Promise<number[]> {
  const options = {
    source: counted(size),
    seed: 1,
    shuffle: true,
    shuffleBytes: 2 ** 20,
    uniqueConcepts: false,
  }
  const batches = new Sampler({ ...options, batchSize }).batches(startPosition)
  const times = Array<number>(size).fill(0)
  for (let step = 0; step < steps; step++) {
    const { value } = await batches.next()
    for (const { ordinal } of value!.draws) times[ordinal]!++
  }
  await batches.return()
  return times
}

describe('the steps of a run', () => {
  it.each([
    { samples: 24, batchSize: 12, epochs: 20, steps: 40 },
    { samples: 10, batchSize: 4, epochs: 1, steps: 3 },
    { samples: 10, batchSize: 4, epochs: 3, steps: 8 },
    { samples: 10, batchSize: 512, epochs: 1, steps: 1 },
    { samples: 10, batchSize: 4, epochs: 0.01, steps: 1 },
    // 11.000000000000002 and 7.000000000000001 before rounding
    { samples: 10, batchSize: 1, epochs: 1.1, steps: 11 },
    { samples: 100, batchSize: 1, epochs: 0.07, steps: 7 },
  ])('are $steps for $epochs epochs of $samples samples in batches of $batchSize', ({ steps, ...rest }) => {
    expect(stepsOf(rest.epochs, batchesOf(rest), { samplesPerEpoch: rest.samples })).toBe(steps)
  })

  it('leave no sample of the asked epochs out, and take less than a batch of the next', async () => {
    for (const [samples, batchSize, epochs] of [
      [10, 4, 3],
      [7, 3, 2],
      [5, 8, 1],
      [12, 6, 2],
    ] as const) {
      const times = await drawn(
        samples,
        batchSize,
        stepsOf(epochs, batchesOf({ batchSize }), { samplesPerEpoch: samples }),
      )
      expect(Math.min(...times)).toBeGreaterThanOrEqual(epochs)
      const beyond = times.reduce((sum, n) => sum + n - epochs, 0)
      expect(beyond).toBeLessThan(batchSize)
    }
  })

  it('are as many again when the epochs are those of so many steps', () => {
    const count = (max: number) => integer({ min: 1, max })
    const same = property(count(1e5), count(4096), count(1e6), (steps, batchSize, samplesPerEpoch) => {
      const epochs = (steps * batchSize) / samplesPerEpoch
      expect(stepsOf(epochs, batchesOf({ batchSize }), { samplesPerEpoch })).toBe(steps)
    })
    always(same)
  })
})
