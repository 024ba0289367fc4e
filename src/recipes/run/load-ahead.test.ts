import sharp from 'sharp'
import { expect, it } from 'vitest'
import type { LoaderOptions, Sample, Source } from '../../data/index.ts'
import { loadAhead } from './load-ahead.ts'

const bytes = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#f00' } })
  .png()
  .toBuffer()
const samples: Sample[] = Array.from({ length: 6 }, (_, i) => {
  return { id: `s${i}`, image: { bytes }, captions: ['red'], origin: { file: 'list' } }
})

/** Options whose source counts how often it is read. */
function counted(): { options: LoaderOptions; reads: () => number } {
  let reads = 0
  const source: Source = {
    name: 'counted',
    size: samples.length,
    async *samples() {
      reads++
      yield* samples
    },
  }
  return { options: { source, batchSize: 2, seed: 1, resolution: 4, workers: 1 }, reads: () => reads }
}

it('loads the beginning before it is asked for, and gives it to the first who asks', async () => {
  const { options, reads } = counted()
  const open = loadAhead(options, { begins: true })
  await expect.poll(reads).toBe(1)
  const [first, second] = [open(), open()]
  expect(second).not.toBe(first)
  const batches = await Promise.all([first, second].map((loader) => loader[Symbol.asyncIterator]().next()))
  expect(reads()).toBe(2)
  expect(batches[0]).toEqual(batches[1])
  await Promise.all([first.close(), second.close()])
})

it('shows the first batch before it is used, without taking it away', async () => {
  const { options, reads } = counted()
  const open = loadAhead({ ...options, workers: 0 }, { begins: true })
  const [seen, again] = [await open.first(), await open.first()]
  const loader = open()
  const batches = loader[Symbol.asyncIterator]()
  const [first, second] = [(await batches.next()).value, (await batches.next()).value]
  expect([again, first]).toEqual([seen, seen])
  expect(second!.ids).not.toEqual(first!.ids)
  expect(reads()).toBe(1)
  expect(await open.first()).toBeUndefined()
  await loader.close()
})

it('loads nothing ahead of a run that goes on, which begins at its position', async () => {
  const { options, reads } = counted()
  const open = loadAhead(options, { begins: false })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(reads()).toBe(0)
  const whole = open()
  const iterator = whole[Symbol.asyncIterator]()
  await iterator.next()
  const rest = open(whole.position)
  expect(await rest[Symbol.asyncIterator]().next()).toEqual(await iterator.next())
  await Promise.all([whole.close(), rest.close()])
})
