import { Readable } from 'node:stream'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { sizeOf } from '../../core/index.ts'
import {
  decodeImage,
  openSource,
  type PerceptualHash,
  perceptualHash,
  perceptualHashSide,
  type Sample,
} from '../../data/index.ts'
import { conceptOf } from '../../data/sources/emoji/concepts.ts'
import { contentHash } from '../../data/sources/emoji/drawing.ts'
import { buildModel, familyOf } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { parseRecipe, type Recipe, recipes } from '../index.ts'

type Spec = Recipe['data']

const known = new Map<string, Promise<Sample[]>>()

/** All samples of a source; the recipes read the same ones. */
function all(spec: Spec): Promise<Sample[]> {
  const key = JSON.stringify(spec)
  const samples = known.get(key) ?? Readable.from(openSource(spec).samples()).toArray()
  known.set(key, samples)
  return samples
}

const hashes = new WeakMap<Sample, string>()

/** Hash of a sample's picture; the recipes ask for the same ones. */
function pictureOf(sample: Sample): string {
  const hash = hashes.get(sample) ?? contentHash(sample.image)
  hashes.set(sample, hash)
  return hash
}

const styleOf = ({ id }: Sample) => id.slice(0, id.indexOf('/'))
/** An emoji with all its genders, hair and directions: what the splits go by. */
const broadConceptOf = ({ id }: Sample) => conceptOf(id.slice(id.indexOf('/') + 1))
/** What samples that are read have in common with held-out ones. */
function common(
  read: readonly Sample[],
  heldOut: readonly Sample[],
  of: (sample: Sample) => string,
): string[] {
  const set = new Set(heldOut.map(of))
  return read.map(of).filter((value) => set.has(value))
}

const configs = ['emoji', 'emoji-long', 'emoji-vit', 'emoji-distill', 'emoji-lit', 'emoji-masked'].map(
  (name) => [name, parseRecipe(recipes[name]!())] as const,
)

describe.each(configs)('what training by %s reads', (_, config) => {
  let read: Sample[]
  const tests: Record<string, Sample[]> = {}
  beforeAll(async () => {
    const sources = [config.data, config.validation.data!, ...config.texts.corpus]
    read = (await Promise.all(sources.map(all))).flat()
    for (const [name, spec] of Object.entries(config.tests)) tests[name] = await all(spec)
  })

  it('is of no style that the tests are in', () => {
    expect(new Set(Object.values(tests).flat().map(styleOf))).toEqual(new Set(['fluent']))
    expect(read.map(styleOf)).not.toContain('fluent')
    expect(read.length).toBeGreaterThan(8000)
  })

  it.each(['heldOutStyle', 'heldOutConcepts'])('has no sample and no picture of %s', (name) => {
    for (const of of [({ id }: Sample) => id, pictureOf]) {
      expect(common(read, tests[name]!, of)).toEqual([])
    }
  })

  it('has no concept, emoji or name of heldOutConcepts', () => {
    const nameOf = ({ captions }: Sample) => captions[0]!
    for (const of of [broadConceptOf, ({ concept }: Sample) => concept!, nameOf]) {
      expect(common(read, tests.heldOutConcepts!, of)).toEqual([])
    }
  })

  it('begins with weights that have read nothing', () => {
    expect(config.base).toBeUndefined()
  })
})

it('the student of emoji-distill has a quarter of the parameters of its teacher', () => {
  const [own, its] = ['emoji-distill', 'emoji-long'].map((name) => {
    const config = familyOf('clip').withVocabulary(parseRecipe(recipes[name]!()).model, {
      vocabularySize: 2000,
      startId: 0,
      endId: 1,
      padId: 1,
    })
    const parameters = [...namedParameters(buildModel(config)).values()]
    return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  }) as [number, number]
  expect(own / its).toBeLessThan(0.25)
  expect(own / its).toBeGreaterThan(0.2)
})

describe('no picture that is read looks like one that is held out', () => {
  const config = configs[0]![1]
  let heldOut: Look[]
  beforeAll(async () => {
    heldOut = await looksOf((await Promise.all(Object.values(config.tests).map(all))).flat())
  })

  it('in training and validation', async () => {
    const read = await looksOf([...(await all(config.data)), ...(await all(config.validation.data!))])
    expect(twins(read, heldOut)).toEqual([])
  })

  it('though copies in another size and format would be found', async () => {
    const originals = heldOut.filter((_, i) => i % 50 === 0)
    const copies = originals.map(async ({ sample }) => {
      const { image } = sample
      const bytes = await sharp('file' in image ? image.file : image.bytes)
        .flatten({ background: 'white' })
        .resize(64)
        .jpeg({ quality: 80 })
        .toBuffer()
      return { ...sample, image: { bytes } }
    })
    const found = twins(await looksOf(await Promise.all(copies)), originals)
    const recognized = found.filter(([copy, original]) => copy === original)
    // Small emblems decide some of the flags.
    expect(recognized.length / originals.length).toBeGreaterThan(0.95)
  })
})

interface Look {
  readonly sample: Sample
  readonly hash: PerceptualHash
}

/** Bits of 64 and levels of 255 in which two pictures of one drawing may differ. At 4 bits a hammer is a pick. */
const tolerance = { bits: 3, color: 12 }

async function looksOf(samples: readonly Sample[]): Promise<Look[]> {
  const looks: Look[] = []
  const square = { resolution: perceptualHashSide, fit: 'contain' } as const
  const ahead = 16 // decoded at once
  for (let i = 0; i < samples.length; i += ahead) {
    const decoded = samples.slice(i, i + ahead).map(async (sample) => ({
      sample,
      hash: perceptualHash(await decodeImage(sample, square)),
    }))
    looks.push(...(await Promise.all(decoded)))
  }
  return looks
}

/** Pairs of ids, one of each list, whose pictures look alike. */
function twins(some: readonly Look[], others: readonly Look[]): [string, string][] {
  return some.flatMap((one) =>
    others
      .filter((other) => isNear(one.hash, other.hash))
      .map(({ sample }): [string, string] => [one.sample.id, sample.id]),
  )
}

const isNear = (a: PerceptualHash, b: PerceptualHash): boolean =>
  a.color.every((level, i) => Math.abs(level - b.color[i]!) <= tolerance.color) &&
  ones(a.bits[0] ^ b.bits[0]) + ones(a.bits[1] ^ b.bits[1]) <= tolerance.bits

function ones(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}
