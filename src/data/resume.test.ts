import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import sharp from 'sharp'
import { pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Batch } from '../core/index.ts'
import { loader } from './loader.ts'
import type { LoaderOptions, LoaderPosition } from './loader-options.ts'
import type { Source } from './source.ts'
import { concat, filter, mix, parquet, webdataset } from './sources/index.ts'

const golden = join(import.meta.dirname, '../../test/golden/parquet')
const directory = mkdtempSync(join(tmpdir(), 'resume-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** A tar of pictures, every fifth of them no picture. */
beforeAll(async () => {
  const picture = sharp({ create: { width: 6, height: 6, channels: 3, background: 'teal' } })
  const bytes = await picture.png().toBuffer()
  const archive = pack()
  const written = pipeline(archive, createWriteStream(join(directory, 'shard-0.tar')))
  for (let key = 0; key < 17; key++) {
    archive.entry({ name: `${key}.png` }, key % 5 === 4 ? Buffer.from('no picture') : bytes)
    archive.entry({ name: `${key}.txt` }, key === 7 ? ' ' : `picture ${key}`)
  }
  archive.finalize()
  await written
})

const tar = () => webdataset(join(directory, 'shard-*.tar'))
const tables = () =>
  parquet(join(golden, 'lists-{snappy,zstd}.parquet'), { image: 'jpg', caption: 'captions' })

const sources: Record<string, () => Source> = {
  tar,
  tables,
  flawed: () => parquet(join(golden, 'flawed.parquet')),
  concat: () => concat({ tar: tar(), tables: tables() }),
  filter: () => filter(tables(), { minimumCaptions: 2, exceptEvery: 3 }),
  mix: () => mix({ tar: { data: tar(), weight: 1 }, tables: { data: tables(), weight: 2 } }, { seed: 3 }),
}

/** Blocks of about seven samples, so that a position lies in the middle of a shard. */
const options = (source: Source): LoaderOptions => ({
  source,
  batchSize: 4,
  seed: 11,
  resolution: 4,
  onBadSample: 'skip',
  shuffleBytes: 16 * 1024,
  workers: 0,
})

async function take(source: Source, count: number, position?: LoaderPosition) {
  const batches: Batch[] = []
  const positions: LoaderPosition[] = []
  const stream = loader({ ...options(source), ...(position && { position }) })
  for await (const batch of stream) {
    batches.push(batch)
    positions.push(JSON.parse(JSON.stringify(stream.position)))
    if (batches.length === count) break
  }
  return { batches, positions }
}

describe.each(Object.entries(sources))('training on %s', (_, open) => {
  it('goes on from any batch of two passes as if it had never stopped, bad samples and all', async () => {
    const source = open()
    const passes = Math.ceil((2 * (source.size ?? 17)) / 4)
    const straight = await take(source, passes + 2)
    for (let stop = 0; stop < passes; stop++) {
      const { batches } = await take(open(), 2, straight.positions[stop])
      expect(batches).toEqual(straight.batches.slice(stop + 1, stop + 3))
    }
  })
})

describe('training on data that changed since the checkpoint', () => {
  /** The source with another id at one place. */
  const renamed = (source: Source, place: number): Source => ({
    ...source,
    async *samples({ skip = 0, ...rest } = {}) {
      let at = skip
      for await (const sample of source.samples({ skip, ...rest }))
        yield at++ === place ? { ...sample, id: 'other' } : sample
    },
  })
  const changed = expect.objectContaining({ code: 'data/source-changed' })

  it('is refused before its first batch, and goes on where that is allowed', async () => {
    const { positions } = await take(tables(), 1)
    const [position] = positions
    expect(position!.data).toMatchObject({ size: tables().size, blocks: [{ first: 0 }] })
    await expect(take(renamed(tables(), 1), 1, position)).rejects.toEqual(changed)
    const stream = loader({ ...options(renamed(tables(), 1)), position: position!, allowChangedData: true })
    for await (const batch of stream) {
      expect(batch.ids).toHaveLength(4)
      break
    }
    expect(stream.dataChanges).toEqual([expect.stringMatching(/samples some have other ids$/)])
    expect(stream.position.data?.changes).toEqual(stream.dataChanges)
  })

  it('is refused when a later block is read', async () => {
    const straight = await take(tables(), 10)
    const { first } = straight.positions.at(-1)!.data!.blocks.at(-1)!
    expect(first).toBeGreaterThan(0)
    const atStart = { epoch: 1, block: 0, offset: 0, deferred: [], taken: [] }
    const inFirst = { ...straight.positions.at(-1)!, ...atStart }
    await expect(take(renamed(tables(), first), 10, inFirst)).rejects.toEqual(changed)
    await expect(take(renamed(tables(), first), 1, inFirst)).resolves.toMatchObject({ batches: [{}] })
  })

  it('that has become shorter than the position goes on with what there is', async () => {
    const { positions } = await take(tables(), 3)
    const few = filter(tables(), { every: 4 })
    await expect(take(few, 1, positions.at(-1))).rejects.toEqual(changed)
    const stream = loader({ ...options(few), position: positions.at(-1)!, allowChangedData: true })
    for await (const { ids } of stream) {
      expect(ids).toHaveLength(4)
      break
    }
  })
})
