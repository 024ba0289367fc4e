import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open as openFile, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { parquetWriteFile } from 'hyparquet-writer'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { DataError } from '../../../core/index.ts'
import type { Sample } from '../../sample.ts'
import type { Source } from '../../source.ts'
import { shareOf } from '../composition/share.ts'
import { type ParquetOptions, parquet } from './source.ts'

const golden = join(import.meta.dirname, '../../../../test/golden/parquet')
const rows: Record<string, unknown[]> = JSON.parse(readFileSync(join(golden, 'rows.json'), 'utf8'))
const open = (pattern: string, options?: ParquetOptions) => parquet(join(golden, pattern), options)

const all = (source: Source, skip = 0): Promise<Sample[]> => Readable.from(source.samples({ skip })).toArray()

/** A sample as the goldens describe it. */
async function described({ image, captions, labels }: Sample) {
  const bytes = 'file' in image ? await readFile(image.file) : image.bytes
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { sha256, captions, ...(labels && { labels }) }
}

async function tolerant(source: Source, skip = 0) {
  const found: string[] = []
  const onBad = ({ code, facts }: DataError) => void found.push(`${facts.row} ${code}`)
  for await (const { id } of source.samples({ skip, onBad })) found.push(id)
  return found
}

const lists = { image: 'jpg', caption: 'captions' }

describe('parquet', () => {
  it('reads what the datasets library writes: image structs over several files, with labels', async () => {
    const labels = { category: { kind: 'class', classes: 3 }, box: { kind: 'box' } } as const
    const source = open('hub-*.parquet', { caption: 'text', labels })
    expect(source).toMatchObject({ size: 10, labels })
    const samples = await all(source)
    expect(await Promise.all(samples.map(described))).toEqual(rows.hub)
    expect(samples.map(({ id }) => id).slice(6, 8)).toEqual(['hub-00000-of-00002/6', 'hub-00001-of-00002/0'])
    expect(samples[7]?.origin).toEqual({ file: join(golden, 'hub-00001-of-00002.parquet') })
  })

  it.each(['snappy', 'zstd', 'brotli', 'lz4'])(
    'reads bytes and lists of captions, packed by %s',
    async (codec) => {
      const samples = await all(open(`lists-${codec}.parquet`, lists))
      expect(await Promise.all(samples.map(described))).toEqual(rows[`lists-${codec}`])
    },
  )

  it('reads paths, from the folder of the file or another', async () => {
    expect(await Promise.all((await all(open('paths.parquet'))).map(described))).toEqual(rows.paths)
    const elsewhere = open('paths.parquet', { directory: join(golden, 'elsewhere') })
    await expect(all(elsewhere)).rejects.toMatchObject({ code: 'data/missing-image' })
  })

  it('takes captions from several columns, each once', async () => {
    const source = open('hub-00001-*.parquet', { caption: ['text', 'text'] })
    expect((await all(source)).map(({ captions }) => captions.length)).toEqual([1, 1, 1])
  })

  it('begins at any place as if it had read what came before', async () => {
    const sources = [
      open('hub-{00000..00001}-of-00002.parquet', { caption: 'text' }),
      open('lists-{zstd,snappy}.parquet', lists),
      open('flawed.parquet'),
    ]
    for (const source of sources) {
      const whole = await tolerant(source)
      expect(whole).toHaveLength(source.size!)
      for (let skip = 0; skip <= whole.length + 1; skip++) {
        expect(await tolerant(source, skip)).toEqual(whole.slice(skip))
      }
    }
  })

  it('is dealt out to ranks by ranges of rows, each row once', async () => {
    for (const source of [open('lists-{zstd,snappy,lz4}.parquet', lists), open('flawed.parquet')]) {
      const whole = await tolerant(source)
      for (const size of [2, 3, 5, 40]) {
        const shares = Array.from({ length: size }, (_, rank) => shareOf(source, { rank, size }))
        const parts = await Promise.all(shares.map((share) => tolerant(share)))
        expect(parts.flat()).toEqual(whole)
        expect(shares.map((share) => share.size)).toEqual(parts.map(({ length }) => length))
        expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(
          Math.ceil(whole.length / size),
        )
        expect(await tolerant(shares[1]!, 5)).toEqual(parts[1]!.slice(5))
      }
    }
  })

  it('hands out bytes of their own, not views that hold a whole page', async () => {
    for (const { image } of await all(open('lists-zstd.parquet', lists))) {
      if ('bytes' in image) expect(image.bytes.buffer.byteLength).toBe(image.bytes.length)
    }
  })

  describe('reads a large row group in parts', () => {
    const directory = mkdtempSync(join(tmpdir(), 'parquet-'))
    afterAll(() => rmSync(directory, { recursive: true }))
    const captions = Array.from({ length: 70 }, (_, row) => `row ${row}`)
    const write = (name: string, image: (row: number) => Uint8Array) => {
      const filename = join(directory, name)
      const columnData = [
        { name: 'image', data: captions.map((_, row) => image(row)), type: 'BYTE_ARRAY' as const },
        { name: 'caption', data: captions, type: 'STRING' as const },
      ]
      parquetWriteFile({ filename, columnData, codec: 'UNCOMPRESSED', rowGroupSize: 70 })
      return filename
    }
    const picture = (number: number) => new Uint8Array(400_000).fill(number)

    it.each([
      ['of pictures', 'plain.parquet', (row: number) => picture(row)],
      ['of a dictionary of pictures', 'dictionary.parquet', (row: number) => picture(row % 30)],
    ])('%s, whatever the place', async (_, name, image) => {
      const file = write(name, image)
      for (const skip of [0, 1, 19, 20, 21, 69]) {
        const samples = await all(parquet(file), skip)
        expect(samples.map((sample) => sample.captions[0])).toEqual(captions.slice(skip))
        for (const [index, { image: found }] of samples.entries()) {
          expect('bytes' in found && Buffer.compare(found.bytes, image(skip + index))).toBe(0)
        }
      }
    })

    it('and each part once', async () => {
      const file = write('once.parquet', picture)
      const handle = await openFile(file)
      const read = vi.spyOn(Object.getPrototypeOf(handle), 'read')
      await handle.close()
      await all(parquet(file))
      const lengths = read.mock.calls.map(([, , length]) => Number(length))
      read.mockRestore()
      expect(Math.max(...lengths)).toBeLessThan(9e6)
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(1.1 * 70 * 400_000)
    })
  })

  it('has no samples in an empty file', async () => {
    expect(open('empty.parquet').size).toBe(0)
    expect(await all(open('empty.parquet'))).toEqual([])
  })
})

describe('bad Parquet', () => {
  const directory = mkdtempSync(join(tmpdir(), 'parquet-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  const path = (name: string) => join(directory, name)

  it('is named by row and left out', async () => {
    expect(await tolerant(open('flawed.parquet'))).toEqual([
      'flawed/0',
      '1 data/missing-image',
      '2 data/missing-image',
      '3 data/empty-image',
      '4 data/empty-caption',
      '5 data/empty-caption',
      '6 data/missing-image',
      'flawed/7',
      'flawed/8',
    ])
    await expect(all(open('flawed.parquet'))).rejects.toThrow(
      /flawed\.parquet, row 1: no image in column "image".*--on-bad-sample skip/,
    )
  })

  it('without a column names those that there are, and the nearest', () => {
    expect(() => open('hub-*.parquet')).toThrow(
      /hub-00000-of-00002\.parquet: no column "caption"; there are image, text, category, box$/,
    )
    const typo = () => open('hub-*.parquet', { image: 'imgae', caption: 'text' })
    expect(typo).toThrow(/did you mean 'image'\?/)
    expect(typo).toThrow(expect.objectContaining({ code: 'data/missing-column', facts: expect.anything() }))
    expect(() => open('hub-*.parquet', { caption: 'text', labels: { pose: { kind: 'pose' } } })).toThrow(
      /"pose"/,
    )
  })

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 3000)],
    ['empty', () => Buffer.alloc(0)],
    ['of another kind', () => Buffer.from('PK\u0003\u0004 not Parquet at all')],
    ['with a footer that does not fit', () => Buffer.from([80, 65, 82, 49, 255, 255, 0, 0, 80, 65, 82, 49])],
    [
      'with a footer of rubbish',
      () => Buffer.concat([Buffer.alloc(64, 0xff), Buffer.from([60, 0, 0, 0]), Buffer.from('PAR1')]),
    ],
  ])('that is %s is named at once', (name, spoil) => {
    const file = path(`${name}.parquet`)
    writeFileSync(file, spoil(readFileSync(join(golden, 'hub-00000-of-00002.parquet'))))
    expect(() => parquet(file)).toThrow(
      expect.objectContaining({ code: 'data/damaged-shard', facts: { file } }),
    )
    expect(() => parquet(file)).toThrow(DataError)
    expect(() => parquet(path('none.parquet'))).toThrow(/there is no shard/)
  })

  it('that cannot be decoded in the middle loses the rows of that part only', async () => {
    const file = path('damaged.parquet')
    cpSync(join(golden, 'lists-snappy.parquet'), file)
    const bytes = readFileSync(file)
    bytes.fill(0xff, 1000, 1200)
    writeFileSync(file, bytes)
    const found = await tolerant(parquet(file, lists))
    expect(found).toHaveLength(23)
    expect(found.slice(0, 9)).toEqual(found.slice(0, 9).map((_, row) => `${row} data/damaged-shard`))
    expect(found.slice(9)).toEqual(found.slice(9).map((_, i) => `damaged/${i + 9}`))
    await expect(all(parquet(file, lists))).rejects.toThrow(/damaged\.parquet, row 0: cannot be decoded/)
  })

  it('whose column holds something else says what', async () => {
    await expect(all(open('lists-snappy.parquet', { image: 'other', caption: 'captions' }))).rejects.toThrow(
      /column "other" holds a bigint, not an image/,
    )
    await expect(all(open('lists-snappy.parquet', { image: 'jpg', caption: 'other' }))).rejects.toThrow(
      /column "other" holds a bigint, not text/,
    )
  })

  it('whose label is no list of numbers says so', async () => {
    const labels = { captions: { kind: 'number', length: 1 } } as const
    await expect(all(open('lists-snappy.parquet', { ...lists, labels }))).rejects.toThrow(
      /row 0: its label "captions" is \["0 said 0 times"\], which is no list of numbers/,
    )
  })
})
