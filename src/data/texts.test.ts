import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Batch } from '../core/index.ts'
import { horizontalFlip } from './augment/index.ts'
import { loader } from './loader.ts'
import type { LoaderOptions, LoaderPosition } from './loader-options.ts'
import { mixUp } from './mix/index.ts'
import type { Sample } from './sample.ts'
import type { Source } from './source.ts'
import { paraphrase, synonyms, Tokenizer, trainBpe, typos } from './text/index.ts'

const captions = Array.from({ length: 8 }, (_, i) => [`a red cup left of ${i}`, `number ${i}`])

const tokenizerOf = (corpus: readonly string[], vocabularySize: number) => {
  const { json, config } = trainBpe(corpus, { vocabularySize })
  return Tokenizer.fromJson(json, config)
}

/** Of few merges and of many: one text has other ids, and another number of them. */
const own = { tokenizer: tokenizerOf(captions.flat(), 520), length: 60 }
const teacher = {
  tokenizer: tokenizerOf(captions.flat().concat('and and a photo of a cup'), 700),
  length: 48,
}
const texts = { inputIds: own, 'teacher.inputIds': teacher }

let samples: Sample[]

beforeAll(async () => {
  const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: 'teal' } })
  const bytes = await picture.png().toBuffer()
  samples = captions.map((said, i) => ({
    id: `s${i}`,
    image: { bytes },
    captions: said,
    origin: { file: 'list.csv', line: i + 1 },
  }))
})

const memory = (described: Partial<Source> = {}): Source => ({
  name: 'memory',
  size: samples.length,
  async *samples({ skip = 0 } = {}) {
    yield* samples.slice(skip)
  },
  ...described,
})

async function take(count: number, changes: Partial<LoaderOptions> = {}) {
  const stream = loader({ source: memory(), batchSize: 4, seed: 2, resolution: 4, workers: 0, ...changes })
  const batches: Batch[] = []
  const positions: LoaderPosition[] = []
  for await (const batch of stream) {
    batches.push(batch)
    positions.push(JSON.parse(JSON.stringify(stream.position)))
    if (batches.length === count) break
  }
  return { batches, positions, captions: stream.captions }
}

/** The rows of a text, decoded. */
function said({ ids, arrays }: Batch, name: string, { tokenizer, length }: typeof own): string[] {
  const { data } = arrays[name]!
  return ids.map((_, row) => tokenizer.decode([...data.slice(row * length, (row + 1) * length)].map(Number)))
}

const saidByBoth = (batch: Batch) => [said(batch, 'inputIds', own), said(batch, 'teacher.inputIds', teacher)]

const augmented = {
  augment: [horizontalFlip()],
  augmentTexts: [synonyms(), paraphrase({ probability: 0.5 }), typos({ probability: 0.5, rate: 0.1 })],
}

describe('a second text', () => {
  it('has the same augmented caption in ids, mask and length of its own', async () => {
    const { batches } = await take(6, { texts, ...augmented })
    const seen = new Set<string>()
    for (const batch of batches) {
      expect(batch.arrays['teacher.inputIds']).toMatchObject({ dtype: 'int64', shape: [4, 48] })
      const [mine, teachers] = saidByBoth(batch)
      expect(teachers).toEqual(mine)
      for (const text of mine!) seen.add(text)
      const mask = batch.arrays['teacher.attentionMask']!.data as BigInt64Array
      for (const [row, text] of teachers!.entries()) {
        const { attentionMask } = teacher.tokenizer.encode(text, 48)
        expect([...mask.slice(row * 48, row * 48 + 48)].map(Number)).toEqual(attentionMask)
      }
    }
    expect(seen.size).toBeGreaterThan(10)
  })

  it('leaves the first as it would be without it, and is the same from workers and after resuming', async () => {
    const { batches, positions } = await take(5, { texts, ...augmented })
    const alone = await take(5, { texts: { inputIds: own }, ...augmented })
    const { 'teacher.inputIds': _, 'teacher.attentionMask': __, ...others } = batches[4]!.arrays
    expect(others).toEqual(alone.batches[4]!.arrays)
    expect((await take(5, { texts, ...augmented, workers: 1 })).batches).toEqual(batches)
    const resumed = await take(2, { texts, ...augmented, position: positions[2]! })
    expect(resumed.batches).toEqual(batches.slice(3))
  })

  it('has first captions in evaluation; further ones are of the first text', async () => {
    const { batches } = await take(9, { texts, ...augmented, mode: 'evaluate', allCaptions: true })
    const first = captions.map(([caption]) => caption)
    expect(batches.flatMap((batch) => said(batch, 'teacher.inputIds', teacher))).toEqual(first)
    const further = batches.flatMap(({ furtherTexts }) => furtherTexts!.map(([row]) => row!))
    expect(further.map((row) => own.tokenizer.decode([...row].map(Number)))).toEqual(
      captions.map(([, caption]) => caption),
    )
  })

  it('is counted by itself where it cuts captions', async () => {
    const short = { ...texts, 'teacher.inputIds': { ...teacher, length: 4 } }
    const { captions: counts } = await take(9, { texts: short, mode: 'evaluate' })
    expect(counts).toEqual({ read: 8, cut: 0, cutFor: { 'teacher.inputIds': 8 } })
  })

  it('has one number wherever the ids are the same, in every batch, and with partners when mixed', async () => {
    const alike = samples.map((sample, i) => ({
      ...sample,
      captions: [['a cup', 'a pen', ' a cup'][i % 3]!],
    }))
    const source = memory({
      async *samples({ skip = 0 } = {}) {
        yield* alike.slice(skip)
      },
    })
    const { batches } = await take(4, { source, texts, mix: [mixUp()] })
    const numbers = new Map<string, Set<bigint>>()
    for (const { ids, arrays } of batches) {
      const rows = [...(arrays.texts!.data as BigInt64Array)]
      const partners = [...(arrays.partnerConcepts!.data as BigInt64Array)].map((concept) =>
        (arrays.concepts!.data as BigInt64Array).indexOf(concept),
      )
      expect([...(arrays.partnerTexts!.data as BigInt64Array)]).toEqual(partners.map((row) => rows[row]))
      for (const [row, id] of ids.entries()) {
        const said = alike[Number(id.slice(1))]!.captions[0]!
        numbers.set(said, (numbers.get(said) ?? new Set()).add(rows[row]!))
      }
    }
    expect([...numbers.values()].map(({ size }) => size)).toEqual([1, 1, 1])
    expect(new Set([...numbers.values()].flatMap((set) => [...set])).size).toBe(
      new Set(alike.map(({ captions: [said] }) => own.tokenizer.encode(said!, 60).inputIds.join())).size,
    )
  })

  it('may stand alone', async () => {
    const { batches } = await take(1, { texts: { 'teacher.inputIds': teacher } })
    expect(Object.keys(batches[0]!.arrays)).toEqual([
      ...['pixelValues', 'concepts', 'teacher.inputIds', 'teacher.attentionMask'],
    ])
  })
})

describe('mixed texts', () => {
  it('say the same in all of them, joined only where all have room', async () => {
    const lengths = [48, 14] // "a red cup left of 3 and number 4" has more than 14 tokens
    const joined = await Promise.all(
      lengths.map(async (length) => {
        const spec = { ...teacher, length }
        const { batches } = await take(12, {
          texts: { inputIds: own, 'teacher.inputIds': spec },
          mix: [mixUp({ alpha: 2 })],
        })
        return batches.reduce((count, batch) => {
          const mine = said(batch, 'inputIds', own)
          expect(said(batch, 'teacher.inputIds', spec)).toEqual(mine)
          const shares = [...(batch.arrays.textShares!.data as Float32Array)]
          for (const [row, text] of mine.entries())
            expect(text.includes(' and ')).toBe(shares[row] !== 0 && shares[row] !== 1)
          return count + mine.filter((text) => text.includes(' and ')).length
        }, 0)
      }),
    )
    expect(joined[1]).toBeGreaterThan(0)
    expect(joined[0]).toBeGreaterThan(joined[1]!)
  })
})

describe('texts that cannot be', () => {
  const open = (changes: object) => () =>
    loader({ source: memory(), batchSize: 1, seed: 0, resolution: 4, workers: 0, ...changes })

  it.each([
    [
      { teacher },
      'data/eye-name',
      'texts has "teacher", but its arrays are called inputIds or <eye>.inputIds',
    ],
    [{ 'teacher.attentionMask': teacher }, 'data/eye-name', 'teacher.attentionMask'],
    [{ 'teacher.inputIds': { length: 8 } }, 'data/eye', 'texts["teacher.inputIds"].tokenizer'],
    [{ inputIds: { ...own, length: 0 } }, 'data/eye', 'texts["inputIds"].length'],
    [{ inputIds: { ...own, augment: [typos()] } }, 'data/eye', 'augment'],
  ])('are refused by name: %#', (wrong, code, words) => {
    expect(open({ texts: wrong })).toThrow(expect.objectContaining({ code }))
    expect(open({ texts: wrong })).toThrow(words)
  })

  it.each(['teacher.inputIds', 'teacher.attentionMask'])('nor may a label or array be called %s', (name) => {
    const labels = { [name]: { kind: 'point' } } as const
    const arrays = { [name]: { dtype: 'int64', shape: [] } } as const
    expect(open({ texts, source: memory({ labels }) })).toThrow(
      expect.objectContaining({ code: 'data/label-name' }),
    )
    expect(open({ texts, source: memory({ arrays }) })).toThrow(
      expect.objectContaining({ code: 'data/array-name' }),
    )
    expect(open({ source: memory({ arrays }) })).not.toThrow()
  })
})
