import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataError } from '../core/index.ts'
import type { Sample } from './sample.ts'
import { conceptOf, type PlannedBatch, Sampler, type SamplerOptions, startPosition } from './sampler.ts'
import type { Source } from './source.ts'

const sampleOf = (index: number, concept?: string): Sample => ({
  id: `s${index}`,
  image: { bytes: new Uint8Array(0) },
  captions: ['x'],
  origin: { file: 'memory' },
  ...(concept !== undefined && { concept }),
})

const samplesOf = (count: number): Sample[] => Array.from({ length: count }, (_, index) => sampleOf(index))

/** A source in memory that writes down how it was read. */
function memory(samples: readonly Sample[]): Source & { passes: { skip: number; read: number }[] } {
  const passes: { skip: number; read: number }[] = []
  return {
    name: 'memory',
    passes,
    async *samples({ skip = 0 } = {}) {
      const pass = { skip, read: 0 }
      passes.push(pass)
      for (const sample of samples.slice(skip)) {
        pass.read++
        yield sample
      }
    },
  }
}

/** The same with a bad sample at every place whose number `isBad`. */
const spoiled = (samples: readonly Sample[], isBad: (place: number) => boolean): Source => ({
  name: 'spoiled',
  async *samples({ skip = 0, onBad } = {}) {
    for (let place = skip; place < samples.length; place++) {
      if (isBad(place)) onBad?.(new DataError('own/bad', `place ${place}`))
      else yield samples[place]!
    }
  },
})

/** Blocks of three samples: they fill more than half of these bytes. */
const blocks = 4096

const optionsOf = (samples: readonly Sample[], changes: Partial<SamplerOptions> = {}): SamplerOptions => ({
  source: memory(samples),
  seed: 21,
  batchSize: 4,
  shuffle: true,
  shuffleBytes: 1e9,
  uniqueConcepts: false,
  ...changes,
})

async function plan(
  count: number,
  options: SamplerOptions,
  position = startPosition,
): Promise<PlannedBatch[]> {
  const batches: PlannedBatch[] = []
  for await (const batch of new Sampler(options).batches(position)) {
    if (batches.push(batch) === count) break
  }
  return batches
}

const idsOf = (batches: readonly PlannedBatch[]): string[] =>
  batches.flatMap(({ draws }) => draws.map(({ sample }) => sample.id))

const sorted = (items: readonly string[]): string[] => [...items].sort()

describe('Sampler', () => {
  it('keeps those together that share a picture, in another order each pass, and goes on anywhere', async () => {
    const pictures = Array.from({ length: 12 }, () => new Uint8Array(1))
    const samples = samplesOf(36).map((sample, i) => ({
      ...sample,
      image: i < 30 ? { bytes: pictures[Math.floor(i / 3)]! } : { file: `picture-${i >> 1}.png` },
    }))
    const options = optionsOf(samples, { groupPictures: true, batchSize: 6 })
    const batches = await plan(12, options)
    const ids = idsOf(batches)
    const passes = [ids.slice(0, 36), ids.slice(36)]
    for (const pass of passes) {
      expect(sorted(pass)).toEqual(sorted(samples.map(({ id }) => id)))
      for (let i = 0; i < 30; i += 3) {
        const first = pass.indexOf(`s${i}`)
        expect(pass.slice(first, first + 3)).toEqual([`s${i}`, `s${i + 1}`, `s${i + 2}`])
      }
      for (let i = 30; i < 36; i += 2) expect(pass[pass.indexOf(`s${i}`) + 1]).toBe(`s${i + 1}`)
    }
    expect(passes[0]).not.toEqual(passes[1])
    const rest = await plan(9, options, batches[2]!.after)
    expect(idsOf(rest)).toEqual(ids.slice(18))
  })

  it.each([
    ['whole', 1e9],
    ['in blocks', blocks],
  ])('deals every sample once a pass, shuffled %s', async (_, shuffleBytes) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        async (count, batchSize) => {
          const samples = samplesOf(count)
          const batches = await plan(
            Math.ceil((3 * count) / batchSize),
            optionsOf(samples, { batchSize, shuffleBytes }),
          )
          expect(batches.every(({ draws }) => draws.length === batchSize)).toBe(true)
          const ids = idsOf(batches)
          for (let epoch = 0; epoch < 3; epoch++) {
            expect(sorted(ids.slice(epoch * count, (epoch + 1) * count))).toEqual(
              sorted(samples.map(({ id }) => id)),
            )
          }
          const epochs = batches.flatMap(({ draws }) => draws.map(({ epoch }) => epoch))
          expect(epochs).toEqual(ids.map((_, i) => Math.floor(i / count)))
        },
      ),
      { numRuns: 30, seed: 7 },
    )
  })

  it('orders a pass by seed and epoch', async () => {
    const order = async (seed: number, epoch: number) =>
      idsOf(await plan(5, optionsOf(samplesOf(20), { seed }), { ...startPosition, epoch }))
    const first = await order(21, 0)
    expect(await order(21, 0)).toEqual(first)
    expect(await order(21, 1)).not.toEqual(first)
    expect(await order(22, 0)).not.toEqual(first)
    expect(first).not.toEqual(samplesOf(20).map(({ id }) => id))
  })

  it('reads a source that fits only once', async () => {
    const source = memory(samplesOf(10))
    await plan(12, optionsOf([], { source }))
    expect(source.passes).toEqual([{ skip: 0, read: 10 }])
  })

  it('keeps samples in their block, and reads no more than one block ahead', async () => {
    const source = memory(samplesOf(30))
    const ids = idsOf(await plan(3, optionsOf([], { source, shuffleBytes: blocks, batchSize: 3 })))
    expect(sorted(ids.slice(0, 3))).toEqual(['s0', 's1', 's2'])
    expect(sorted(ids.slice(6, 9))).toEqual(['s6', 's7', 's8'])
    expect(source.passes[0]?.read).toBeLessThan(16)
  })

  it('enters a pass in the middle without reading what came before', async () => {
    const samples = samplesOf(30)
    const options = { shuffleBytes: blocks, batchSize: 5 }
    const straight = await plan(6, optionsOf(samples, options))
    const source = memory(samples)
    const resumed = await plan(2, optionsOf(samples, { ...options, source }), straight[3]?.after)
    expect(resumed).toEqual(straight.slice(4))
    expect(source.passes[0]?.skip).toBe(18)
  })

  it('goes on from any position as if it had never stopped', async () => {
    const concepts = fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 24, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(
        concepts,
        fc.boolean(),
        fc.nat(9),
        fc.boolean(),
        async (drawn, unique, stop, whole) => {
          const samples = [
            ...samplesOf(12).map((_, i) => sampleOf(i, `c${i}`)),
            ...drawn.map((c, i) => sampleOf(12 + i, `c${c}`)),
          ]
          const options = () =>
            optionsOf(samples, { uniqueConcepts: unique, shuffleBytes: whole ? 1e9 : blocks, batchSize: 3 })
          const straight = await plan(stop + 15, options())
          const position = JSON.parse(JSON.stringify(straight[stop]?.after))
          expect(await plan(14, options(), position)).toEqual(straight.slice(stop + 1))
        },
      ),
      { numRuns: 40, seed: 7 },
    )
  })

  it('goes on after bad samples as if it had never stopped, and reports each again in its pass only', async () => {
    const bad = fc.uniqueArray(fc.nat(29), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(bad, fc.nat(6), fc.boolean(), async (bad, stop, whole) => {
        const source = spoiled(samplesOf(30), (place) => bad.includes(place))
        const reports: string[] = []
        const options = { source, batchSize: 3, shuffleBytes: whole ? 1e9 : blocks, uniqueConcepts: true }
        const planned = (count: number, position = startPosition) =>
          plan(count, optionsOf([], { ...options, onBad: ({ message }) => reports.push(message) }), position)
        const straight = await planned(stop + 9)
        expect(new Set(reports)).toEqual(new Set(bad.map((place) => `place ${place}`)))
        for (const { draws } of straight) {
          for (const { sample, ordinal } of draws) expect(sample.id).toBe(`s${ordinal}`)
        }
        const position = JSON.parse(JSON.stringify(straight[stop]?.after))
        expect(await planned(8, position)).toEqual(straight.slice(stop + 1))
      }),
      { numRuns: 40, seed: 7 },
    )
  })

  it('says when a sample that waited is no longer there', async () => {
    const position = { ...startPosition, offset: 2, deferred: [{ epoch: 0, ordinal: 99 }] }
    const attempt = plan(1, optionsOf(samplesOf(10)), position)
    await expect(attempt).rejects.toMatchObject({ code: 'data/source-changed', facts: { ordinal: 99 } })
  })

  it('in the order of the source gives one pass, the last batch smaller', async () => {
    const batches = await plan(9, optionsOf(samplesOf(10), { shuffle: false, epochs: 1 }))
    expect(batches.map(({ draws }) => draws.length)).toEqual([4, 4, 2])
    expect(idsOf(batches)).toEqual(samplesOf(10).map(({ id }) => id))
    expect(batches.at(-1)?.after.epoch).toBe(1)
    expect(await plan(9, optionsOf(samplesOf(10), { shuffle: false, epochs: 1 }), batches[1]?.after)).toEqual(
      [batches[2]],
    )
  })

  it('refuses an empty source', async () => {
    await expect(plan(1, optionsOf([]))).rejects.toMatchObject({ code: 'data/empty-source' })
  })
})

describe('Sampler with unique concepts', () => {
  it('never puts two of one concept in a batch, and drops nobody', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 8, maxLength: 14 })
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 3 }), async (sizes, batchSize) => {
        const concepts = sizes.flatMap((size, concept) => Array.from({ length: size }, () => `c${concept}`))
        const samples = concepts.map((concept, i) => sampleOf(i, concept))
        const passes = 4
        const batches = await plan(
          Math.ceil((passes * samples.length) / batchSize),
          optionsOf(samples, { batchSize, uniqueConcepts: true }),
        )
        for (const { draws } of batches) {
          expect(draws.length).toBe(batchSize)
          expect(new Set(draws.map(({ sample }) => conceptOf(sample))).size).toBe(batchSize)
        }
        const dealt = batches.flatMap(({ draws }) => draws.map(({ epoch, ordinal }) => `${epoch}/${ordinal}`))
        expect(new Set(dealt).size).toBe(dealt.length)
        const waiting = (batches.at(-1)?.after.deferred ?? []).map(
          ({ epoch, ordinal }) => `${epoch}/${ordinal}`,
        )
        const firstPasses = [0, 1, 2].flatMap((epoch) => samples.map((_, ordinal) => `${epoch}/${ordinal}`))
        expect([...dealt, ...waiting]).toEqual(expect.arrayContaining(firstPasses))
      }),
      { numRuns: 40, seed: 7 },
    )
  })

  it('says so when there are fewer concepts than places, or one concept is everywhere', async () => {
    const few = samplesOf(12).map((_, i) => sampleOf(i, `c${i % 3}`))
    const heavy = samplesOf(40).map((_, i) => sampleOf(i, i < 30 ? 'heart' : `c${i}`))
    for (const samples of [few, heavy]) {
      const attempt = plan(100, optionsOf(samples, { uniqueConcepts: true }))
      await expect(attempt).rejects.toMatchObject({ code: 'data/too-few-concepts', facts: { batchSize: 4 } })
    }
    await expect(plan(100, optionsOf(heavy, { uniqueConcepts: true }))).rejects.toThrow('"heart"')
  })
})
