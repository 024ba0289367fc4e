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
