import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DataError } from '../../core/index.ts'
import type { FolderOptions } from './captions-file.ts'
import { folder } from './folder.ts'

/** Captions files as spreadsheets, scripts and people write them. */

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'captions-'))
  for (const name of ['a.png', 'b.png', 'c.png']) writeFileSync(join(directory, name), 'x')
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Captions by image, or the messages of what is wrong. */
async function read(name: string, text: string, options: Partial<FolderOptions> = {}) {
  writeFileSync(join(directory, name), text)
  const messages: string[] = []
  const onBad = ({ message }: DataError) => void messages.push(message)
  const source = folder(directory, { captions: name, ...options })
  const samples = await Readable.from(source.samples({ onBad })).toArray()
  const said = Object.fromEntries(samples.map(({ id, captions }) => [id, captions]))
  return messages.length > 0 ? { said, messages } : said
}

const redAndGreen = { 'a.png': ['red'], 'b.png': ['green'] }

describe('a table', () => {
  it.each([
    ['commas', 'file,caption\na.png,red\nb.png,green\n'],
    ['semicolons', 'file;caption\na.png;red\nb.png;green\n'],
    ['tabs', 'file\tcaption\na.png\tred\nb.png\tgreen\n'],
    ['quoted names and semicolons', '"file";"caption"\n"a.png";"red"\n"b.png";"green"\n'],
    ['CR alone', 'file,caption\ra.png,red\rb.png,green\r'],
    ['CR LF', 'file,caption\r\na.png,red\r\nb.png,green\r\n'],
    ['a byte order mark', '\uFEFFfile,caption\na.png,red\nb.png,green'],
    ['blanks before quotes', 'file, caption\na.png, "red" \nb.png, green\n'],
    ['a row twice', 'file,caption\na.png,red\na.png,red\nb.png,green\n'],
  ])('of %s', async (_, text) => {
    expect(await read('table.csv', text)).toEqual(redAndGreen)
  })

  it('of tabs may be called .tsv', async () => {
    expect(await read('table.tsv', 'file\tcaption\na.png\tred, deep\nb.png\tgreen\n')).toEqual({
      'a.png': ['red, deep'],
      'b.png': ['green'],
    })
  })

  it.each([
    ['a 5" disk', 'a 5" disk'],
    ['"Tom" the cat', '"Tom" the cat'],
    ['"a 5"" disk"', 'a 5" disk'],
    ['6\' 2"', '6\' 2"'],
  ])('keeps the marks of %s', async (written, caption) => {
    expect(await read('marks.csv', `file,caption\na.png,${written}\nb.png,green\n`)).toEqual({
      'a.png': [caption],
      'b.png': ['green'],
    })
  })

  it('names the line of marks that may be meant in two ways, and goes on', async () => {
    expect(await read('marks.csv', 'file,caption\na.png,"say "hi" now"\nb.png,green\n')).toEqual({
      said: { 'b.png': ['green'] },
      messages: [expect.stringMatching(/marks\.csv:2: a quotation mark within quotes is not doubled.*twice/)],
    })
  })

  it('never takes rows for a caption because a mark does not close', async () => {
    const text = 'file,caption\na.png,"red\nb.png,green\nc.png,"blue"\n'
    await expect(read('open.csv', text)).rejects.toThrow(/open\.csv:2: a quotation mark opens/)
  })

  it('takes several columns of captions, of one name or two, and leaves empty ones out', async () => {
    const said = { 'a.png': ['red', 'scarlet'], 'b.png': ['green'] }
    const rows = 'a.png,red,scarlet\nb.png,,green\n'
    expect(await read('twice.csv', `file,caption,caption\n${rows}`)).toEqual(said)
    expect(await read('both.csv', `file,caption,captions\n${rows}`)).toEqual(said)
    expect(await read('named.csv', `file,en,de\n${rows}`, { caption: ['en', 'de'] })).toEqual(said)
  })

  it('names columns that could be meant', async () => {
    const twice = read('files.csv', 'file,file,caption\na.png,b.png,red\n')
    await expect(twice).rejects.toThrow(/files\.csv:1: two columns have the name "file".*Rename/)
    const labels = { size: { kind: 'number', length: 1 } } as const
    const sizes = read('sizes.csv', 'file,size,caption,size\na.png,1,red,2\n', { labels })
    await expect(sizes).rejects.toThrow(/two columns have the name "size"/)
    expect(await read('notes.csv', 'file,note,note,caption\na.png,1,2,red\n')).toEqual({ 'a.png': ['red'] })
    const other = read('other.csv', 'file_name;text\na.png;red\n')
    await expect(other).rejects.toThrow(
      /no column "file" among "file_name", "text"\. .*image=COLUMN and caption=COLUMN/,
    )
  })

  it('reads columns of other names', async () => {
    const text = 'file_name,text,caption\na.png,red,x\nb.png,green,y\n'
    expect(await read('metadata.csv', text, { image: 'file_name', caption: 'text' })).toEqual(redAndGreen)
  })

  it('prints no more than the ends of a long text', async () => {
    const long = 'word '.repeat(20_000)
    const { messages } = (await read('long.csv', `caption,file\nred,${long}\n,${long}\n`)) as {
      messages: string[]
    }
    expect(messages).toHaveLength(2)
    expect(messages.join()).toMatch(/there is no image .*wo.* … .*the caption of word.* … .*word is empty/s)
    expect(Math.max(...messages.map(({ length }) => length))).toBeLessThan(600)
  })
})

describe('JSON lines', () => {
  it('hold caption, captions, or both, each once', async () => {
    const text = '{"file":"a.png","caption":"red","captions":["scarlet","red","",null]}\n'
    expect(await read('both.jsonl', text)).toEqual({ 'a.png': ['red', 'scarlet'] })
  })

  it('end with CR alone, too', async () => {
    const text = '{"file":"a.png","caption":"red"}\r{"file":"b.png","captions":"green"}\r'
    expect(await read('cr.jsonl', text)).toEqual(redAndGreen)
  })

  it('may hold NaN where nothing needs it, and NaN is no caption', async () => {
    const text =
      '{"file":"a.png","caption":"red","score":NaN}\n{"file":"b.png","caption":NaN,"captions":["green"]}\n'
    expect(await read('nan.jsonl', text)).toEqual(redAndGreen)
    const none = '{"file":"a.png","caption":NaN}\n'
    expect(await read('none.jsonl', none)).toMatchObject({
      messages: [expect.stringMatching(/none\.jsonl:1: the caption of a\.png is empty/)],
    })
  })

  it('have keys of other names', async () => {
    const text =
      '{"image":"a.png","text":"red"}\n{"image":"b.png","text":["green"]}\n{"file":"c.png","caption":"blue"}\n'
    expect(await read('keys.jsonl', text, { image: 'image', caption: 'text' })).toEqual({
      said: redAndGreen,
      messages: [expect.stringMatching(/keys\.jsonl:3: expected \{"image": "a\.png", "text": "…"\}/)],
    })
  })
})

describe('names with accents', () => {
  const [composed, decomposed] = ['café.png'.normalize('NFC'), 'café.png'.normalize('NFD')]

  it.each([
    ['composed', 'decomposed', composed, decomposed],
    ['decomposed', 'composed', decomposed, composed],
  ])('%s in the file and %s on the disk are one', async (_, __, written, there) => {
    mkdirSync(join(directory, there))
    writeFileSync(join(directory, there, there), 'x')
    const name = `${written}/${written}`
    const captions = join(directory, 'accents.csv')
    writeFileSync(captions, `file,caption\n${name},coffee\n${there}/${there},a café\n`)
    const samples = await Readable.from(folder(directory, { captions }).samples()).toArray()
    expect(samples).toMatchObject([{ id: name, captions: ['coffee', 'a café'] }])
    expect(existsSync(samples[0].image.file)).toBe(true)
    rmSync(join(directory, there), { recursive: true })
  })

  it('of two files on the disk are two', async () => {
    for (const name of [composed, decomposed]) writeFileSync(join(directory, name), 'x')
    const said = await read('two.csv', `file,caption\n${composed},one\n${decomposed},two\n`)
    expect(said).toEqual({ [composed]: ['one'], [decomposed]: ['two'] })
  })
})
