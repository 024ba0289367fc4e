import { expect, it } from 'vitest'
import type { Sample, Source } from '../../data/index.ts'
import { drawnSamples } from './calibration.ts'

/** A source of 10 samples, whose size is known or not. */
const sourceOf = (size: number | undefined): Source => ({
  name: 'ten',
  ...(size !== undefined && { size }),
  async *samples() {
    for (let i = 0; i < 10; i++) yield { id: String(i) } as Sample
  },
})

async function idsOf(source: Source): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of source.samples()) ids.push(id)
  return ids
}

it('draws samples by the seed, in the order of the source, the same at each pass', async () => {
  const drawn = drawnSamples(sourceOf(10), 4, 1)
  const ids = await idsOf(drawn)
  expect(await idsOf(drawn)).toEqual(ids)
  expect(ids).toHaveLength(4)
  expect(ids.toSorted()).toEqual(ids)
  expect(drawn.size).toBe(4)
  const others = await Promise.all([2, 3, 4].map((seed) => idsOf(drawnSamples(sourceOf(10), 4, seed))))
  expect(others.some((other) => other.join() !== ids.join())).toBe(true)
})

it('takes the first of a source whose size is not known, and all of one that has fewer', async () => {
  expect(await idsOf(drawnSamples(sourceOf(undefined), 3, 1))).toEqual(['0', '1', '2'])
  expect(await idsOf(drawnSamples(sourceOf(10), 50, 1))).toHaveLength(10)
})
