import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import { folder } from './folder.ts'

let directory: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'folder-'))
  mkdirSync(join(directory, 'cats'))
  const png = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  for (const name of ['a.png', 'b.png', 'cats/c.png']) writeFileSync(join(directory, name), png)
  writeFileSync(join(directory, 'empty.png'), '')
})
afterAll(() => rmSync(directory, { recursive: true }))

/** A source over the test's images with this captions file. */
function withCaptions(name: string, text: string) {
  writeFileSync(join(directory, name), text)
  return folder(directory, { captions: name })
}

const all = (source: ReturnType<typeof folder>, skip = 0): Promise<Sample[]> =>
  Readable.from(source.samples({ skip })).toArray()

/** A pass that goes on: ids of the good samples, and `line code` of each error. */
async function tolerant(source: ReturnType<typeof folder>, skip = 0) {
  const errors: DataError[] = []
  const onBad = (error: DataError) => errors.push(error)
  const ids: string[] = []
  for await (const { id } of source.samples({ skip, onBad })) ids.push(id)
  return { ids, errors, codes: errors.map(({ code, facts }) => `${facts.line} ${code}`) }
}

const jsonl = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n')

describe('folder with JSONL', () => {
  it('reads one or several captions a line, and gathers lines of one image', async () => {
    const rows = jsonl(
      { file: 'b.png', caption: ' a dog ', more: 1 },
      { file: 'cats/c.png', captions: ['a cat', 'Tom'] },
      { file: './b.png', caption: 'Rex' },
    )
    const source = withCaptions('good.jsonl', `\uFEFF${rows}\r\n\n`)
    expect(source.size).toBe(2)
    expect(source.name).toBe(`folder(${directory})`)
    const file = join(directory, 'good.jsonl')
    expect(await all(source)).toEqual([
      {
        id: 'b.png',
        image: { file: join(directory, 'b.png') },
        captions: ['a dog', 'Rex'],
        origin: { file, line: 1 },
      },
      {
        id: 'cats/c.png',
        image: { file: join(directory, 'cats/c.png') },
        captions: ['a cat', 'Tom'],
        origin: { file, line: 2 },
      },
    ])
  })

  it('names the line of every bad row and goes on with the others', async () => {
    const source = withCaptions(
      'bad.jsonl',
      [
        '{"file": "a.png", "caption": "a"}',
        '{"file": "a.png", "caption": ',
        '',
        '{"file": "a.png"}',
        '{"file": "a.png", "caption": "  "}',
        '{"file": "a.png", "captions": []}',
        '{"file": "a.png", "captions": ["", null]}',
        '{"file": "a.png", "caption": 5}',
        '{"file": "", "caption": "a"}',
        '{"file": "nowhere.png", "caption": "a"}',
        '{"file": "empty.png", "caption": "a"}',
        '{"file": "cats", "caption": "a"}',
        'null',
        '{"file": "b.png", "caption": "b"}',
      ].join('\n'),
    )
    const { ids, codes } = await tolerant(source)
    expect(ids).toEqual(['a.png', 'b.png'])
    expect(codes).toEqual([
      '2 data/malformed-json',
      '4 data/malformed-row',
      '5 data/empty-caption',
      '6 data/empty-caption',
      '7 data/empty-caption',
      '8 data/malformed-row',
      '9 data/empty-file-name',
      '10 data/missing-image',
      '11 data/empty-image',
      '12 data/unreadable-image',
      '13 data/malformed-row',
    ])
  })

  it('stops at the first bad row when nobody takes it', async () => {
    const source = withCaptions(
      'stop.jsonl',
      jsonl({ file: 'a.png', caption: 'a' }, { file: 'x.png', caption: 'x' }),
    )
    const seen: string[] = []
    const pass = async () => {
      for await (const { id } of source.samples()) seen.push(id)
    }
    await expect(pass()).rejects.toThrow(DataError)
    await expect(pass()).rejects.toThrow(
      `${join(directory, 'stop.jsonl')}:2: there is no image ${join(directory, 'x.png')}`,
    )
    await expect(pass()).rejects.toThrow('--on-bad-sample skip')
    expect(seen).toEqual(['a.png', 'a.png', 'a.png'])
  })
})

describe('folder with CSV', () => {
  it('reads several rows of one file as several captions, in any order of columns', async () => {
    const text = 'caption,note,file\n"a cat, asleep\non a mat",1,a.png\nb,,b.png\n\n"say ""cat""",,a.png\n'
    const samples = await all(withCaptions('good.csv', text))
    expect(samples.map(({ id, captions, origin }) => [id, captions, origin.line])).toEqual([
      ['a.png', ['a cat, asleep\non a mat', 'say "cat"'], 2],
      ['b.png', ['b'], 4],
    ])
  })

  it('names the line where a bad row begins, after quoted captions of several lines', async () => {
    const text = 'file,caption\na.png,"two\nlines"\nb.png\n\nb.png,a,b\nb.png,\nx.png,"x\ny"\r\nb.png,b\n'
    const { ids, codes } = await tolerant(withCaptions('bad.csv', text))
    expect(ids).toEqual(['a.png', 'b.png'])
    expect(codes).toEqual([
      '4 data/malformed-row',
      '6 data/malformed-row',
      '7 data/empty-caption',
      '8 data/missing-image',
    ])
  })

  it('refuses a file without the columns, or with quotes that do not close', () => {
    const noColumn = () => withCaptions('columns.csv', 'image,caption\na.png,a\n')
    expect(noColumn).toThrow(/columns\.csv:1: no column "file" among "image", "caption"/)
    expect(() => withCaptions('none.csv', '')).toThrow(/no column "file" among none/)
    const open = () => withCaptions('quotes.csv', 'file,caption\na.png,a\nb.png,"b\n')
    expect(open).toThrow(/quotes\.csv:3: a quotation mark opens a field and does not close\. Close it/)
    expect(open).toThrow(DataError)
  })
})

describe('folder with labels', () => {
  const labels = { category: { kind: 'class', classes: 5 }, box: { kind: 'box' } } as const
  const labelled = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    return folder(directory, { captions: name, labels })
  }

  it('takes them from keys of JSONL, each from any row of an image', async () => {
    const rows = jsonl(
      { file: 'a.png', caption: 'a', category: 3, box: [0, 0.25, 0.5, 1], other: 'x' },
      { file: 'b.png', caption: 'b', box: null },
      { file: 'b.png', captions: ['bee'], category: 1 },
    )
    const source = labelled('labels.jsonl', rows)
    expect(source.labels).toEqual(labels)
    expect((await all(source)).map((sample) => sample.labels)).toEqual([
      { category: [3], box: [0, 0.25, 0.5, 1] },
      { category: [1] },
    ])
  })

  it('takes them from columns of CSV, numbers between spaces', async () => {
    const source = labelled('labels.csv', 'box,file,caption,category\n0 .25 0.5 1,a.png,a,3\n,b.png,b,\n')
    expect((await all(source)).map((sample) => sample.labels)).toEqual([
      { category: [3], box: [0, 0.25, 0.5, 1] },
      {},
    ])
    expect(() => labelled('less.csv', 'file,caption,box\na.png,a,\n')).toThrow(/no column "category"/)
  })

  it('names the row whose label is out of range, and the likely cause', async () => {
    const rows = jsonl(
      { file: 'a.png', caption: 'a', box: [12, 30, 64, 60] },
      { file: 'b.png', caption: 'b', category: 5 },
      { file: 'b.png', caption: 'bee', box: [0.5, 0.5, 0.9, 0.9] },
    )
    const { ids, codes, errors } = await tolerant(labelled('range.jsonl', rows))
    expect(ids).toEqual(['b.png'])
    expect(codes).toEqual(['1 data/bad-label', '2 data/bad-label'])
    expect(errors.map(({ message }) => message)).toEqual([
      `${join(directory, 'range.jsonl')}:1: its label "box" is [12, 30, 64, 60], but a box is [left, top, right, bottom] ` +
        'in fractions of the image, from 0 to 1 (pixels?). Correct it',
      `${join(directory, 'range.jsonl')}:2: its label "category" is [5], but its classes are 0 to 4 (counted from 1?). Correct it`,
    ])
  })

  it('names the row whose label holds no numbers or contradicts another', async () => {
    const rows = jsonl(
      { file: 'a.png', caption: 'a', category: 3 },
      { file: 'a.png', caption: 'an a', category: 4 },
      { file: 'b.png', caption: 'b', box: ['left'] },
    )
    const { ids, codes, errors } = await tolerant(labelled('wrong.jsonl', rows))
    expect(ids).toEqual(['a.png'])
    expect(codes).toEqual(['2 data/bad-label', '3 data/bad-label'])
    expect(errors.map(({ message }) => message).join()).toMatch(
      /the label "category" of a\.png is \[4\], but .* line 1 on, \[3\].*label "box" is \["left"\]/s,
    )
  })
})

describe('folder', () => {
  it('resumes at any place, bad ones counted, without reporting them again', async () => {
    const rows = jsonl(
      { file: 'x.png', caption: 'x' },
      { file: 'a.png', caption: 'a' },
      { file: 'y.png', caption: 'y' },
      { file: 'b.png', caption: 'b' },
      { file: 'cats/c.png', caption: 'c' },
    )
    const source = withCaptions('skip.jsonl', rows)
    expect(await tolerant(source)).toMatchObject({ ids: ['a.png', 'b.png', 'cats/c.png'] })
    expect(await tolerant(source, 2)).toMatchObject({
      ids: ['b.png', 'cats/c.png'],
      codes: [expect.stringMatching(/^3 /)],
    })
    expect(await tolerant(source, 3)).toMatchObject({ ids: ['b.png', 'cats/c.png'], codes: [] })
    expect((await tolerant(source, 5)).ids).toEqual([])
  })

  it('refuses text of another encoding, where captions would be garbled', () => {
    const latin1 = Buffer.from('file,caption\na.png,\xe9t\xe9\n', 'latin1')
    writeFileSync(join(directory, 'latin1.csv'), latin1)
    expect(() => folder(directory, { captions: 'latin1.csv' })).toThrow(/latin1\.csv is not UTF-8.*save it/)
  })

  it('says which captions file it cannot read', () => {
    expect(() => folder(directory, { captions: 'nothing.jsonl' })).toThrow(/nothing\.jsonl/)
    expect(() => folder(directory, { captions: 'nothing.jsonl' })).toThrow(DataError)
    expect(() => folder(directory, { captions: 'captions.txt' })).toThrow(ConfigError)
    expect(() => withCaptions('blank.jsonl', '\n\n')).toThrow(/has no rows/)
    expect(() => withCaptions('header.csv', 'file,caption\n')).toThrow(/has no rows/)
  })
})
