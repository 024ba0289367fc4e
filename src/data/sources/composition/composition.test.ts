import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../../core/index.ts'
import type { Sample } from '../../sample.ts'
import type { Source } from '../../source.ts'
import type { LabelKinds } from '../label-values.ts'
import { concat } from './concat.ts'
import { filter } from './filter.ts'
import { mix } from './mix.ts'
import { shareOf } from './share.ts'

interface MemoryOptions {
  readonly bad?: readonly number[]
  readonly sized?: boolean
  readonly labels?: LabelKinds
}

/** Samples `a0`, `a1` … those at the places of `bad` bad; `log` says from where it was read. */
function memory(name: string, count: number, { bad = [], sized = true, labels }: MemoryOptions = {}) {
  const log: number[] = []
  const source: Source = {
    name,
    ...(sized && { size: count }),
    ...(labels && { labels }),
    async *samples({ skip = 0, onBad } = {}) {
      log.push(skip)
      for (let place = skip; place < count; place++) {
        const error = new DataError('own/bad', `${name}${place}!`)
        if (!bad.includes(place)) yield sampleOf(`${name}${place}`, place)
        else if (onBad) onBad(error)
        else throw error
      }
    },
  }
  return { source, log }
}

const sampleOf = (id: string, place: number): Sample => ({
  id,
  image: { file: `${id}.png` },
  captions: place % 3 === 0 ? [`a Cat at ${place}`, 'two'] : [`a dog at ${place}`],
  origin: { file: 'memory' },
  ...(place % 4 === 0 && { labels: { grasp: [place] } }),
})

/** Ids of samples and messages of errors. */
async function places(source: Source, skip = 0): Promise<string[]> {
  const found: string[] = []
  const onBad = ({ message }: DataError) => void found.push(message)
  for await (const { id } of source.samples({ skip, onBad })) found.push(id)
  return found
}

const isBad = fc.uniqueArray(fc.nat(30), { maxLength: 8 })
const memoryOptions = fc.record({ bad: isBad, sized: fc.boolean() })

/** Any composition, two deep, of sources with bad samples and sizes that may not be known. */
const composed: fc.Arbitrary<Source> = fc
  .tuple(
    fc.tuple(fc.integer({ min: 1, max: 20 }), memoryOptions),
    fc.tuple(fc.integer({ min: 1, max: 30 }), memoryOptions),
  )
  .map(([[a, aOptions], [b, bOptions]]) => {
    const usable = (bad: readonly number[], count: number) => bad.filter((place) => place < count - 1)
    return {
      a: memory('a', a, { ...aOptions, bad: usable(aOptions.bad, a) }).source,
      b: memory('b', b, { ...bOptions, bad: usable(bOptions.bad, b) }).source,
    }
  })
  .chain(({ a, b }) =>
    fc.oneof(
      fc.constant(concat({ a, b })),
      fc.constant(concat({ first: concat({ b }), a })),
      fc.integer({ min: 1, max: 5 }).map((every) => filter(concat({ a, b }), { every })),
      fc.integer({ min: 2, max: 5 }).map((exceptEvery) => filter(b, { exceptEvery })),
      fc.constant(concat({ some: filter(a, { caption: 'cat' }), b })),
      fc.constant(concat({ some: filter(b, { caption: 'dog', every: 2 }), a })),
      fc
        .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.nat(99))
        .map(([x, y, seed]) =>
          mix(
            { a: { data: a, weight: x }, b: { data: filter(b, { minimumCaptions: 1 }), weight: y } },
            { seed },
          ),
        ),
    ),
  )

describe('any composition', () => {
  it('resumes at any place as if it had never stopped', async () => {
    await fc.assert(
      fc.asyncProperty(composed, fc.nat(80), async (source, skip) => {
        expect(await places(source, skip)).toEqual((await places(source)).slice(skip))
      }),
      { numRuns: 300, seed: 7 },
    )
  })

  it('has as many places as it says', async () => {
    await fc.assert(
      fc.asyncProperty(composed, async (source) => {
        const { length } = await places(source)
        if (source.size !== undefined) expect(source.size).toBe(length)
        if (source.countPlaces) expect(await source.countPlaces()).toBe(length)
      }),
      { numRuns: 200, seed: 7 },
    )
  })

  it('gives the parts of all ranks each sample once, and no rank another one’s', async () => {
    await fc.assert(
      fc.asyncProperty(composed, fc.integer({ min: 1, max: 5 }), async (source, size) => {
        if (source.name.startsWith('mix')) return
        const parts = await Promise.all(
          Array.from({ length: size }, (_, rank) => places(shareOf(source, { rank, size }))),
        )
        expect(parts.flat().sort()).toEqual((await places(source)).sort())
      }),
      { numRuns: 200, seed: 7 },
    )
  })

  it('stops at a bad sample unless someone takes it', async () => {
    const { source } = memory('a', 5, { bad: [2] })
    for (const composition of [
      concat({ a: source }),
      filter(source, { every: 1 }),
      mix({ a: { data: source, weight: 1 } }),
    ]) {
      await expect(Readable.from(composition.samples()).toArray()).rejects.toThrow('a2!')
    }
  })
})

describe('concat', () => {
  it('does not read the parts before the place where it begins', async () => {
    const [a, b] = [memory('a', 10), memory('b', 10)]
    const source = concat({ a: a.source, b: b.source })
    expect((await places(source, 13))[0]).toBe('b/b3')
    expect([a.log, b.log]).toEqual([[], [3]])
  })

  it('keeps concepts that samples share, and tells apart what has none', async () => {
    const hearts: Source = {
      name: 'hearts',
      async *samples() {
        yield { ...sampleOf('x', 1), concept: 'heart' }
        yield sampleOf('y', 1)
      },
    }
    const samples = await Readable.from(concat({ left: hearts, right: hearts }).samples()).toArray()
    expect(samples.map(({ id, concept }) => concept ?? id)).toEqual(['heart', 'left/y', 'heart', 'right/y'])
  })

  it('unites labels, and refuses one with two meanings', () => {
    const { source: a } = memory('a', 1, { labels: { grasp: { kind: 'pose' }, box: { kind: 'box' } } })
    const { source: b } = memory('b', 1, { labels: { box: { kind: 'box' } } })
    const { source: c } = memory('c', 1, { labels: { box: { kind: 'number', length: 4 } } })
    expect(concat({ a, b }).labels).toEqual({ grasp: { kind: 'pose' }, box: { kind: 'box' } })
    expect(() => concat({ a, b, c })).toThrow(ConfigError)
    expect(() => concat({ a, b, c })).toThrow(
      /label "box" is \{"kind":"box"\} in b, but \{"kind":"number","length":4\} in c; call one/,
    )
    expect(() => mix({ a: { data: a, weight: 1 }, c: { data: c, weight: 1 } })).toThrow(/label "box"/)
  })

  it('refuses nothing, and names that would be ambiguous in ids', () => {
    expect(() => concat({})).toThrow(/at least one source/)
    expect(() => concat({ 'a/b': memory('a', 1).source })).toThrow(/may not be called "a\/b"/)
  })
})

describe('filter', () => {
  const labels = { grasp: { kind: 'number', length: 1 } } as const
  const { source } = memory('a', 12, { labels })

  it.each([
    [{ caption: '\\bcat\\b' }, [0, 3, 6, 9]],
    [{ caption: '^(?!.*cat|two)' }, [1, 2, 4, 5, 7, 8, 10, 11]],
    [{ minimumCaptions: 2 }, [0, 3, 6, 9]],
    [{ labels: ['grasp'] }, [0, 4, 8]],
    [{ labels: ['grasp'], caption: 'cat' }, [0]],
    [{ every: 5 }, [0, 5, 10]],
    [{ exceptEvery: 5 }, [1, 2, 3, 4, 6, 7, 8, 9, 11]],
    [{ exceptEvery: 3, caption: 'at 1' }, [1, 10, 11]],
  ])('%j', async (keep, kept) => {
    expect(await places(filter(source, keep))).toEqual(kept.map((place) => `a${place}`))
  })

  it('splits a source in two that know their sizes and go to a place at once', async () => {
    const { source, log } = memory('a', 25, { bad: [0, 7] })
    const [some, others] = [filter(source, { every: 10 }), filter(source, { exceptEvery: 10 })]
    expect([some.size, others.size]).toEqual([3, 22])
    expect([...(await places(some)), ...(await places(others))].sort()).toEqual((await places(source)).sort())
    log.length = 0
    expect(await places(others, 20)).toEqual(['a23', 'a24'])
    expect(log).toEqual([23])
  })

  it.each([
    [{}, /say what to keep/],
    [{ caption: '(' }, /Invalid regular expression/],
    [{ labels: ['graps'] }, /no label "graps"; did you mean 'grasp'\?/],
    [{ every: 0 }, /every is a whole number from 1 on/],
    [{ exceptEvery: 1 }, /exceptEvery is a whole number from 2 on/],
    [{ minimumCaptions: 1.5 }, /minimumCaptions is a whole number/],
    [{ every: 2, exceptEvery: 2 }, /choose one/],
  ])('%j cannot be', (keep, message) => {
    expect(() => filter(source, keep)).toThrow(ConfigError)
    expect(() => filter(source, keep)).toThrow(message)
  })
})

describe('mix', () => {
  const mixture = (weights: Record<string, number>, sizes: Record<string, number>, seed = 0) =>
    mix(
      Object.fromEntries(
        Object.entries(weights).map(([name, weight]) => [
          name,
          { data: memory(name, sizes[name]!).source, weight },
        ]),
      ),
      { seed },
    )

  it('keeps its weights all along, whatever the sizes', async () => {
    const weights = { a: 1, b: 2, c: 5 }
    const ids = await places(mixture(weights, { a: 40, b: 3000, c: 300 }))
    expect(ids.length).toBeGreaterThan(10_000)
    for (let start = 0; start + 4000 <= ids.length; start += 4000) {
      const part = ids.slice(start, start + 4000)
      for (const [name, weight] of Object.entries(weights)) {
        const share = weight / 8
        const deviation = Math.sqrt((share * (1 - share)) / part.length)
        const drawn = part.filter((id) => id.startsWith(`${name}/`)).length / part.length
        expect(Math.abs(drawn - share)).toBeLessThan(4 * deviation)
      }
    }
  })

  it('ends with the last sample of the part that is gone through last; the others begin again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(999),
        async (a, b, seed) => {
          const ids = await places(mixture({ a: 1, b: 3 }, { a, b }, seed))
          expect(new Set(ids).size).toBe(ids.length)
          for (const [name, size] of [
            ['a', a],
            ['b', b],
          ] as const) {
            const own = ids.filter((id) => id.startsWith(`${name}/`))
            expect(own).toEqual(
              own.map(
                (_, i) => `${name}/${name}${i % size}${i < size ? '' : `#${Math.floor(i / size) + 1}`}`,
              ),
            )
            expect(own.length).toBeGreaterThanOrEqual(size)
          }
          const last = ids.at(-1)!
          expect(last).toBe(last.startsWith('a') ? `a/a${a - 1}` : `b/b${b - 1}`)
        },
      ),
      { numRuns: 100, seed: 7 },
    )
  })

  it('is of one seed, one order; repeated samples are of one concept', async () => {
    const ids = (seed: number) => places(mixture({ a: 1, b: 1 }, { a: 3, b: 30 }, seed))
    expect(await ids(4)).toEqual(await ids(4))
    expect(await ids(5)).not.toEqual(await ids(4))
    const samples = await Readable.from(mixture({ a: 1, b: 1 }, { a: 1, b: 9 }).samples()).toArray()
    const ofA = samples.filter(({ id }) => id.startsWith('a/'))
    expect(ofA.length).toBeGreaterThan(2)
    expect(new Set(ofA.map(({ id, concept }) => concept ?? id))).toEqual(new Set(['a/a0']))
  })

  it('goes to a later place by replaying draws, and reads nothing before it', async () => {
    const [a, b] = [memory('a', 40), memory('b', 40)]
    const source = mix({ a: { data: a.source, weight: 1 }, b: { data: b.source, weight: 1 } })
    const whole = await places(source)
    a.log.length = 0
    b.log.length = 0
    expect(await places(source, 60)).toEqual(whole.slice(60))
    const drawn = whole.slice(0, 60).filter((id) => id.startsWith('a')).length
    expect([a.log[0], b.log[0]]).toEqual([drawn % 40, (60 - drawn) % 40])
  })

  it('covers all of its parts over ranks', async () => {
    const source = mixture({ a: 1, b: 4 }, { a: 13, b: 29 })
    const parts = await Promise.all([0, 1, 2].map((rank) => places(shareOf(source, { rank, size: 3 }))))
    const first = parts.flat().filter((id) => !id.includes('#'))
    expect(new Set(first).size).toBe(13 + 29)
    expect(first).toHaveLength(13 + 29)
  })

  it('refuses weights that are none, and parts without usable samples', async () => {
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => mixture({ a: weight }, { a: 1 })).toThrow(/the weight of a is/)
    }
    const { source: good } = memory('good', 100)
    for (const sized of [true, false]) {
      for (const count of [0, 2]) {
        const { source: bad } = memory('bad', count, { bad: [0, 1], sized })
        const source = mix({ good: { data: good, weight: 1 }, bad: { data: bad, weight: 1 } })
        await expect(places(source)).rejects.toMatchObject({
          code: 'data/empty-source',
          facts: { part: 'bad' },
        })
      }
    }
  })
})

describe('shareOf', () => {
  it('is the source itself for one, and refuses ranks that are none', () => {
    const { source } = memory('a', 3)
    expect(shareOf(source, { rank: 0, size: 1 })).toBe(source)
    for (const member of [
      { rank: 2, size: 2 },
      { rank: -1, size: 2 },
      { rank: 0, size: 0 },
      { rank: 0.5, size: 2 },
    ]) {
      expect(() => shareOf(source, member)).toThrow(expect.objectContaining({ code: 'data/rank' }))
    }
  })

  it('knows its size and resumes', async () => {
    const { source } = memory('a', 11, { bad: [3, 4] })
    for (const rank of [0, 1, 2]) {
      const share = shareOf(source, { rank, size: 3 })
      const whole = await places(share)
      expect(share.size).toBe(whole.length)
      for (let skip = 0; skip <= 4; skip++) expect(await places(share, skip)).toEqual(whole.slice(skip))
    }
  })
})
