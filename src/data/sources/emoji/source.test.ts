import { Readable } from 'node:stream'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../../core/index.ts'
import type { Sample } from '../../sample.ts'
import type { Source } from '../../source.ts'
import { readEmojis } from './concepts.ts'
import { contentHash } from './drawing.ts'
import { emoji } from './source.ts'
import { trainingStyles } from './styles.ts'

const splits = ['train', 'validation', 'heldOutStyle', 'heldOutConcepts'] as const
const samples = {} as Record<(typeof splits)[number], Sample[]>
const conceptOf = new Map(readEmojis().map(({ hexcode, concept }) => [hexcode, concept]))
const hexcodeOf = ({ id }: Sample) => id.slice(id.indexOf('/') + 1)
const concepts = (list: readonly Sample[]) => new Set(list.map((sample) => conceptOf.get(hexcodeOf(sample))))
const all = (source: Source, skip = 0): Promise<Sample[]> => Readable.from(source.samples({ skip })).toArray()
const styleOf = ({ id }: Sample) => id.slice(0, id.indexOf('/'))
const hashes = (list: readonly Sample[]) => new Set(list.map(({ image }) => contentHash(image)))

beforeAll(async () => {
  for (const split of splits) samples[split] = await all(emoji({ split }))
})

describe('what is held out stays out', () => {
  it('no concept of heldOutConcepts is trained on or validated', () => {
    const heldOut = concepts(samples.heldOutConcepts)
    for (const split of ['train', 'validation', 'heldOutStyle'] as const) {
      expect(samples[split].filter((sample) => heldOut.has(conceptOf.get(hexcodeOf(sample))))).toEqual([])
    }
  })

  it('no image of one split has the bytes of an image of another', () => {
    const splitOf = new Map<string, string>()
    for (const split of splits) {
      for (const hash of hashes(samples[split])) {
        expect(splitOf.get(hash) ?? split).toBe(split)
        splitOf.set(hash, split)
      }
    }
    expect(splitOf.size).toBeGreaterThan(8000)
  })

  it('no label or emoji of heldOutConcepts is trained on', () => {
    const hexcodes = new Set(samples.heldOutConcepts.map(({ id }) => id.split('/')[1]))
    const labels = new Set(samples.heldOutConcepts.map(({ captions }) => captions[0]))
    for (const { id, captions } of [...samples.train, ...samples.validation]) {
      expect(hexcodes.has(id.split('/')[1])).toBe(false)
      expect(labels.has(captions[0])).toBe(false)
    }
  })

  it('Fluent is in the tests only', () => {
    expect(new Set(samples.train.map(styleOf))).toEqual(new Set(Object.keys(trainingStyles)))
    expect(new Set(samples.validation.map(styleOf))).toEqual(new Set(['twitter']))
    expect(new Set(samples.heldOutStyle.map(styleOf))).toEqual(new Set(['fluent']))
    expect(new Set(samples.heldOutConcepts.map(styleOf))).toEqual(new Set(['fluent']))
  })

  it('does not depend on the styles chosen', async () => {
    const twitter = await all(emoji({ split: 'train', styles: ['twitter'] }))
    expect(twitter).toEqual(samples.train.filter((sample) => styleOf(sample) === 'twitter'))
  })
})

describe('emoji', () => {
  it('has the sizes the documentation states', () => {
    const sizes = splits.map((split) => [split, samples[split].length, concepts(samples[split]).size])
    expect(sizes).toEqual([
      ['train', 8183, 1508],
      ['validation', 175, 160],
      ['heldOutStyle', 1668, 1487],
      ['heldOutConcepts', 183, 161],
    ])
    const share = concepts(samples.heldOutConcepts).size / new Set(conceptOf.values()).size
    expect(share).toBeGreaterThan(0.09)
    expect(share).toBeLessThan(0.11)
  })

  it('knows its size, has unique ids, and gives every sample a caption and a concept', () => {
    for (const split of splits) {
      expect(emoji({ split }).size).toBe(samples[split].length)
      expect(new Set(samples[split].map(({ id }) => id)).size).toBe(samples[split].length)
      expect(samples[split].every(({ captions, concept }) => captions[0] && concept)).toBe(true)
    }
  })

  it('shows each picture of a style once, under the best label', () => {
    expect(hashes(samples.train).size).toBe(samples.train.length)
    const labels = samples.train.filter((s) => styleOf(s) === 'twitter').map(({ captions }) => captions[0])
    expect(labels).toContain('flag: Norway')
    expect(labels).not.toContain('flag: Svalbard & Jan Mayen')
    expect(labels).toContain('family')
    expect(labels).not.toContain('family: man, woman, boy')
  })

  it('draws one concept once for each of its variants', () => {
    const runners = samples.heldOutStyle.filter((sample) => conceptOf.get(hexcodeOf(sample)) === '1f3c3')
    expect(new Set(runners.map(({ concept }) => concept)).size).toBe(3)
    expect(runners.map(({ id }) => id)).toEqual([
      'fluent/1f3c3',
      'fluent/1f3c3-200d-2642',
      'fluent/1f3c3-200d-2640',
    ])
  })

  it('comes in the same order every time and resumes with skip', async () => {
    const source = emoji({ split: 'validation' })
    expect(await all(source)).toEqual(samples.validation)
    expect(await all(source, 7)).toEqual(samples.validation.slice(7))
    expect(await all(source, 100_000)).toEqual([])
  })

  it('refuses an unknown style and suggests the nearest', () => {
    const misspelt = { split: 'train', styles: ['twiter'] } as unknown as Parameters<typeof emoji>[0]
    expect(() => emoji(misspelt)).toThrow(ConfigError)
    expect(() => emoji(misspelt)).toThrow("did you mean 'twitter'?")
    const test = { split: 'train', styles: ['fluent'] } as unknown as Parameters<typeof emoji>[0]
    expect(() => emoji(test)).toThrow(ConfigError)
  })
})

describe('drawings', () => {
  it('fill the square they are drawn in, SVGs included', async () => {
    for (const style of Object.keys(trainingStyles)) {
      const ofStyle = samples.train.filter((sample) => styleOf(sample) === style)
      for (const { id, image } of ofStyle.filter((_, index) => index % 60 === 0)) {
        const { data, info } = await sharp('file' in image ? image.file : image.bytes)
          .trim({ threshold: 0 })
          .toBuffer({ resolveWithObject: true })
        expect(data.length).toBeGreaterThan(0)
        expect([id, Math.max(info.width, info.height) > 30]).toEqual([id, true])
      }
    }
  })

  it.each([
    ['fxemoji/1f408', 'cat'],
    ['fxemoji/1f431', 'cat face'],
    ['emojione/1f1f8-1f1ff', 'flag: Eswatini'],
    ['emojione/1f3f3', 'white flag'],
    ['emojione/1f1e8-1f1ee', "flag: Côte d'Ivoire"],
  ])('%s is a %s', (id, label) => {
    const sample = [...samples.train, ...samples.validation].find((sample) => sample.id === id)
    expect(sample?.captions[0]).toBe(label)
  })
})
