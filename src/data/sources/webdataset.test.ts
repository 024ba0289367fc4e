import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import type { Source } from '../source.ts'
import { shareOf } from './composition/share.ts'
import { webdataset } from './webdataset.ts'

let directory: string
const path = (name: string) => join(directory, name)

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'webdataset-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Writes a shard with these files; `null` makes a folder. */
async function writeShard(name: string, files: readonly (readonly [string, string | Buffer | null])[]) {
  const archive = pack()
  for (const [entry, content] of files) {
    if (content === null) archive.entry({ name: entry, type: 'directory' })
    else archive.entry({ name: entry }, content)
  }
  archive.finalize()
  await pipeline(archive, createWriteStream(path(name)))
}

const all = (source: Source, skip = 0): Promise<Sample[]> => Readable.from(source.samples({ skip })).toArray()

/** Ids and messages from a place on. */
async function places(source: Source, skip: number): Promise<string[]> {
  const found: string[] = []
  const onBad = ({ message }: DataError) => void found.push(message)
  for await (const { id } of source.samples({ skip, onBad })) found.push(id)
  return found
}

async function tolerant(source: Source) {
  const errors: DataError[] = []
  const onBad = (error: DataError) => errors.push(error)
  const ids: string[] = []
  for await (const { id } of source.samples({ onBad })) ids.push(id)
  return { ids, errors, codes: errors.map(({ code, facts }) => `${facts.key ?? facts.entry} ${code}`) }
}

describe('webdataset', () => {
  it('groups the files of a key and reads captions from text and JSON', async () => {
    await writeShard('mix-0.tar', [
      ['./', null],
      ['./a.txt', ' a cat\r\non a mat \r\n'],
      ['./a.json', '{"captions": ["a cat\\non a mat", "a tabby"]}'],
      ['./a.JPG', 'jpeg of a'],
      ['./a.cls', '3'],
      ['cats/b.c.d.png', 'not the image'],
      ['cats/b.png', 'png of b'],
      ['cats/b.json', '{"caption": "two cats", "captions": ["a pair"], "width": 7}'],
      ['._b.png', 'hidden'],
    ])
    await writeShard('mix-1.tar', [
      ['a.GIF', 'gif of a'],
      ['a.txt', 'same'],
      ['a.json', '{"caption": "same"}'],
    ])
    const source = webdataset(path('mix-{0..1}.tar'))
    expect(source.size).toBeUndefined()
    expect(await all(source)).toEqual([
      sample('mix-0', 'a', 'jpeg of a', ['a cat\non a mat', 'a tabby']),
      sample('mix-0', 'cats/b', 'png of b', ['two cats', 'a pair']),
      sample('mix-1', 'a', 'gif of a', ['same']),
    ])
    expect(await all(source)).toEqual(await all(webdataset(path('mix-*.tar'))))
  })

  it('resumes with skip, over the border of shards', async () => {
    const source = webdataset(path('mix-*.tar'))
    expect((await all(source, 1)).map(({ id }) => id)).toEqual(['mix-0/cats/b', 'mix-1/a'])
    expect((await all(source, 2)).map(({ id }) => id)).toEqual(['mix-1/a'])
    expect(await all(source, 3)).toEqual([])
  })

  it('names shard and sample of what is bad and goes on', async () => {
    await writeShard('bad.tar', [
      ['good.jpg', 'x'],
      ['good.txt', 'good'],
      ['words.txt', 'no image'],
      ['two.jpg', 'x'],
      ['two.png', 'x'],
      ['two.txt', 'two'],
      ['hollow.png', ''],
      ['hollow.txt', 'hollow'],
      ['mute.png', 'x'],
      ['mute.txt', ' \n'],
      ['broken.png', 'x'],
      ['broken.json', '{"caption": '],
      ['odd.png', 'x'],
      ['odd.json', '["caption"]'],
      ['good.png', 'x'],
      ['good.txt', 'again'],
      ['last.png', 'x'],
      ['last.txt', 'last'],
    ])
    const { ids, codes, errors } = await tolerant(webdataset(path('bad.tar')))
    expect(ids).toEqual(['bad/good', 'bad/last'])
    expect(codes).toEqual([
      'words data/missing-image',
      'two data/several-images',
      'hollow data/empty-image',
      'mute data/empty-caption',
      'broken data/malformed-json',
      'odd data/malformed-json',
      'good data/duplicate-key',
    ])
    expect(errors[0]?.message).toMatch(/bad\.tar, sample words: no image .*Correct it$/)
    await expect(all(webdataset(path('bad.tar')))).rejects.toThrow(DataError)
    await expect(all(webdataset(path('bad.tar')))).rejects.toThrow(/Correct it, or .*--on-bad-sample skip$/)
  })

  it('lets no file decide that a sample does not need', async () => {
    const text = ['.txt', 'good'] as const
    const files: Record<string, (readonly [string, string | Buffer])[]> = {
      null: [text, ['.json', '{"caption": null, "url": "u"}']],
      nan: [text, ['.json', '{"caption": NaN, "similarity": -Infinity}']],
      number: [text, ['.json', '{"caption": 5}']],
      cut: [text, ['.json', '{"caption": ']],
      latin: [text, ['.json', Buffer.from('{"caption": "caf\xe9"}', 'latin1')]],
      npy: [text, ['.npy', Buffer.alloc(3000, 255)]],
      only: [
        ['.txt', ''],
        ['.json', '{"caption": "good", "similarity": NaN}'],
      ],
    }
    const entries = Object.entries(files).flatMap(([key, parts]) => [
      [`${key}.png`, 'x'] as const,
      ...parts.map(([extension, content]) => [`${key}${extension}`, content] as const),
    ])
    await writeShard('needless.tar', entries)
    const samples = await all(webdataset(path('needless.tar')))
    expect(samples.map(({ id }) => id)).toEqual(Object.keys(files).map((key) => `needless/${key}`))
    expect(new Set(samples.flatMap(({ captions }) => captions))).toEqual(new Set(['good']))
    const labels = { similarity: { kind: 'number', length: 1 } } as const
    const { ids, errors } = await tolerant(webdataset(path('needless.tar'), { labels }))
    expect(ids).toEqual(['needless/null', 'needless/npy'])
    expect(errors.map(({ message }) => message).join('\n')).toMatch(
      /sample nan: its label "similarity" is "-Infinity".*sample cut: cut\.json: .*latin\.json is not UTF-8.*"NaN"/s,
    )
  })

  it('refuses text that is not UTF-8, and lists the files of a sample without image', async () => {
    await writeShard('others.tar', [
      ['0.jpg', 'x'],
      ['0.txt', Buffer.from('caf\xe9', 'latin1')],
      ['a.b/22.05.jpg', 'x'],
      ['a.b/22.05.txt', 'x'],
      ['1.psd', 'x'],
      ['1.txt', 'a drawing'],
    ])
    const { codes, errors } = await tolerant(webdataset(path('others.tar')))
    expect(codes).toEqual(['0 data/unreadable-captions', 'a.b/22 data/missing-image', '1 data/missing-image'])
    expect(errors.map(({ message }) => message).join('\n')).toMatch(
      /sample 0: 0\.txt is not UTF-8 \(.*\); save it as UTF-8.*among its files, 22\.05\.jpg, 22\.05\.txt; a key ends at the first dot.*among its files, 1\.psd, 1\.txt\. Correct/s,
    )
  })

  it('takes labels from keys of the JSON', async () => {
    await writeShard('labels.tar', [
      ['a.png', 'x'],
      ['a.json', '{"caption": "a", "joints": [0.5, 1], "category": 2, "width": 7}'],
      ['b.png', 'x'],
      ['b.txt', 'none'],
      ['c.png', 'x'],
      ['c.json', '{"caption": "c", "joints": "far left"}'],
      ['d.png', 'x'],
      ['d.json', '{"caption": "d", "joints": [45, -90]}'],
    ])
    const labels = { joints: { kind: 'joints', length: 2 }, category: { kind: 'class', classes: 3 } } as const
    const source = webdataset(path('labels.tar'), { labels })
    expect(source.labels).toEqual(labels)
    const onBad = ({ message }: DataError) =>
      expect(message).toMatch(
        /labels\.tar, sample (c: its label "joints" is "far left"|d: its label "joints" is \[45, -90\].*degrees\?)/,
      )
    const samples = await Readable.from(source.samples({ onBad })).toArray()
    expect(samples.map((sample) => sample.labels)).toEqual([{ joints: [0.5, 1], category: [2] }, {}])
    expect.assertions(4)
  })
})

describe('a pass over shards entered at any place', () => {
  it('goes on as one from the beginning, bad samples counted, whatever was read before', async () => {
    const block = 512
    for (const [name, count] of [
      ['seek-0.tar', 3],
      ['seek-1.tar', 4],
      ['seek-2.tar', 2],
    ] as const) {
      const keys = Array.from({ length: count }, (_, i) => `k${i}`)
      const files = keys.flatMap((key, i): [string, string][] => [
        [`${key}.png`, i === 1 ? '' : `png of ${key}`],
        [`${key}.txt`, key],
      ])
      await writeShard(name, files)
    }
    writeFileSync(path('seek-1.tar'), readFileSync(path('seek-1.tar')).subarray(0, 12 * block + 100))
    const pattern = path('seek-{0..2}.tar')
    const whole = await places(webdataset(pattern), 0)
    expect(whole).toHaveLength(3 + 4 + 2)
    expect(whole[4]).toMatch(/sample k1: .*no bytes/)
    expect(whole[6]).toMatch(/seek-1.tar: cannot read on/)
    const warm = webdataset(pattern)
    for (let skip = 0; skip <= whole.length + 1; skip++) {
      expect(await places(webdataset(pattern), skip)).toEqual(whole.slice(skip))
      expect(await places(warm, skip)).toEqual(whole.slice(skip))
    }
  })
})

describe('the shares of ranks', () => {
  it('are whole shards where they can be dealt out evenly, and each sample once in any case', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 7 }),
        fc.nat(6),
        async (counts, size, skip) => {
          for (const [shard, count] of counts.entries()) {
            const keys = Array.from({ length: count }, (_, i) => [`k${i}.png`, i === 2 ? '' : 'x'] as const)
            const files = keys.flatMap((file, i) => [file, [`k${i}.txt`, `text ${i}`] as const])
            await writeShard(`share-${shard}.tar`, files)
          }
          const open = () => webdataset(path(`share-{0..${counts.length - 1}}.tar`))
          const source = open()
          const whole = await places(source, 0)
          expect(await source.countPlaces?.()).toBe(whole.length)
          expect(await open().countPlaces?.()).toBe(whole.length)
          const shares = Array.from({ length: size }, (_, rank) => shareOf(source, { rank, size }))
          const parts = await Promise.all(shares.map((share) => places(share, 0)))
          expect(parts.flat().sort()).toEqual(whole.sort())
          expect(await places(shares[size - 1]!, skip)).toEqual(parts[size - 1]!.slice(skip))
          if (counts.length % size !== 0) return
          for (const [rank, part] of parts.entries()) {
            const shards = part.map((text) => Number(/share-(\d)/.exec(text)![1]))
            expect(shards.every((shard) => shard % size === rank)).toBe(true)
          }
        },
      ),
      { numRuns: 40, seed: 7 },
    )
  })
})

describe('a shard cut short', () => {
  const block = 512
  const files = [
    ['a.png', Buffer.alloc(3 * block, 1)],
    ['a.txt', 'a'],
    ['b.png', Buffer.alloc(3 * block, 2)],
    ['b.txt', 'b'],
  ] as const
  const afterB = (4 + 2 + 4) * block

  it.each([
    ['in the middle of an image', (4 + 2) * block + 1000, 'b.png', ['cut-0/a']],
    ['in a header', (4 + 2) * block + 100, 'a.txt', []],
    ['between two files', afterB, 'b.png', ['cut-0/a']],
    ['before the end mark', afterB + 2 * block, 'b.txt', ['cut-0/a']],
  ])('%s is noticed, named and survived', async (_, length, entry, whole) => {
    await writeShard('cut-0.tar', files)
    writeFileSync(path('cut-0.tar'), readFileSync(path('cut-0.tar')).subarray(0, length))
    await writeShard('cut-1.tar', files)
    const { ids, errors } = await tolerant(webdataset(path('cut-*.tar')))
    expect(ids).toEqual([...whole, 'cut-1/a', 'cut-1/b'])
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code: 'data/damaged-shard', facts: { file: path('cut-0.tar'), entry } })
    expect(errors[0]?.message).toContain(`cannot read on from ${entry}`)
  })

  it('stops the pass when nobody takes the error, and so does something that is no archive', async () => {
    await expect(all(webdataset(path('cut-0.tar')))).rejects.toThrow(/cut-0\.tar/)
    writeFileSync(path('junk.tar'), Buffer.alloc(2000, 7))
    await expect(all(webdataset(path('junk.tar')))).rejects.toThrow(/Invalid tar header/)
    writeFileSync(path('nothing.tar'), '')
    await expect(all(webdataset(path('nothing.tar')))).rejects.toThrow(/cut short/)
  })
})

function sample(shard: string, key: string, bytes: string, captions: string[]): Sample {
  return {
    id: `${shard}/${key}`,
    image: { bytes: new Uint8Array(Buffer.from(bytes)) },
    captions,
    origin: { file: path(`${shard}.tar`) },
  }
}
