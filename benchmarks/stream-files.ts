import { createWriteStream, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parquetWriteFile } from 'hyparquet-writer'
import { pack } from 'tar-stream'
import type { SourceSpec } from '../src/data/index.ts'

/** What is streamed: each format, and a mixture of the two that hold their images. */
export const streamFormats = ['webdataset', 'parquet', 'mix', 'folder'] as const
export type StreamFormat = (typeof streamFormats)[number]

/** Samples of the one shard that is really written; the others are links to it. */
const shardSamples = 10_000

/** A data set of so many samples in `directory`, which need not hold them all: 100 links of one shard are 100 shards. */
export async function writeStream(
  format: StreamFormat,
  directory: string,
  samples: number,
  image: Uint8Array,
): Promise<SourceSpec> {
  mkdirSync(directory, { recursive: true })
  const shards = Math.ceil(samples / shardSamples)
  const range = `{000..${String(shards - 1).padStart(3, '0')}}`
  const count = Math.min(samples, shardSamples)
  switch (format) {
    case 'webdataset':
      await writeTar(join(directory, 'shard.tar'), count, image)
      link(directory, 'shard.tar', shards, (number) => `data-${number}.tar`)
      return { kind: 'webdataset', shards: join(directory, `data-${range}.tar`) }
    case 'parquet':
      writeParquet(join(directory, 'shard.parquet'), count, image)
      link(directory, 'shard.parquet', shards, (number) => `data-${number}.parquet`)
      return {
        kind: 'parquet',
        files: join(directory, `data-${range}.parquet`),
        image: 'image',
        caption: 'caption',
      }
    case 'folder':
      writeFolder(directory, { shards, count }, image)
      return { kind: 'folder', directory, captions: 'captions.jsonl' }
    case 'mix': {
      const [tars, tables] = [join(directory, 'tars'), join(directory, 'tables')]
      const parts = {
        tars: { data: await writeStream('webdataset', tars, samples / 2, image), weight: 1 },
        tables: { data: await writeStream('parquet', tables, samples / 2, image), weight: 1 },
      }
      return { kind: 'mix', of: parts, seed: 0 }
    }
  }
}

const caption = (index: number): string => `picture number ${index} of a shard`

async function writeTar(path: string, count: number, image: Uint8Array): Promise<void> {
  const archive = pack()
  const written = pipeline(archive, createWriteStream(path))
  for (let index = 0; index < count; index++) {
    const key = String(index).padStart(6, '0')
    archive.entry({ name: `${key}.png` }, Buffer.from(image))
    archive.entry({ name: `${key}.txt` }, caption(index))
  }
  archive.finalize()
  await written
}

function writeParquet(filename: string, count: number, image: Uint8Array): void {
  const numbers = Array.from({ length: count }, (_, index) => index)
  parquetWriteFile({
    filename,
    rowGroupSize: 1000,
    columnData: [
      { name: 'image', data: numbers.map(() => image), type: 'BYTE_ARRAY' },
      { name: 'caption', data: numbers.map(caption), type: 'STRING' },
    ],
  })
}

function writeFolder(
  directory: string,
  { shards, count }: { shards: number; count: number },
  image: Uint8Array,
): void {
  mkdirSync(join(directory, 'shard'))
  const name = (index: number) => `${String(index).padStart(6, '0')}.png`
  for (let index = 0; index < count; index++) writeFileSync(join(directory, 'shard', name(index)), image)
  link(directory, 'shard', shards, (number) => `d${number}`)
  const lines = Array.from({ length: shards * count }, (_, place) => {
    const [shard, index] = [Math.floor(place / count), place % count]
    return JSON.stringify({
      file: `d${String(shard).padStart(3, '0')}/${name(index)}`,
      caption: caption(index),
    })
  })
  writeFileSync(join(directory, 'captions.jsonl'), lines.join('\n'))
}

function link(directory: string, target: string, count: number, name: (number: string) => string): void {
  for (let index = 0; index < count; index++) {
    symlinkSync(target, join(directory, name(String(index).padStart(3, '0'))))
  }
}
