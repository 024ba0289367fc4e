import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { optionalPackage, publishFile, writeFileAtomic } from '../../core/index.ts'
import { listElements, textElement } from '../lerobot/data-columns.ts'
import { appendRowGroup, type ParquetLayout } from '../lerobot/parquet-append.ts'
import type { Source } from '../source.ts'
import { type ConvertedRow, convertedRow, requireOnePicture } from './converted-row.ts'
import type { EpisodeWriting } from './write-episodes.ts'

/** Writer of samples in one form. */
export interface SampleWriter {
  add(row: ConvertedRow, number: number): void | Promise<void>
  /** Finish the last file. @returns the text that names what was written as a source. */
  finish(): string | Promise<string>
}

/** Forms with one picture a sample, each with its writer into a directory. */
export const sampleWriters = {
  folder: folderWriter,
  webdataset: webdatasetWriter,
  parquet: parquetWriter,
} as const satisfies Record<string, (directory: string, source: Source) => SampleWriter>

/** Bytes of images after which another file begins. */
const fileBytes = 100 * 2 ** 20

/**
 * Write all samples of a source with a writer, in their order.
 * @throws ConfigError `config/conversion` for what the form cannot hold; errors of the source, unless `onBad` takes them.
 */
export async function writeSamples(
  source: Source,
  writer: SampleWriter,
  { onSample, onBad, onNote }: Pick<EpisodeWriting, 'onSample' | 'onBad' | 'onNote'>,
): Promise<{ samples: number; written: string }> {
  requireOnePicture(source)
  const values = [...Object.keys(source.labels ?? {}), ...Object.keys(source.arrays ?? {})]
  if (values.length > 0)
    onNote?.(
      `stored beside the captions: ${values.join(', ')}; a source reads back those that its labels name`,
    )
  let samples = 0
  for await (const sample of source.samples(onBad ? { onBad } : {})) {
    await writer.add(await convertedRow(sample), samples)
    samples += 1
    onSample?.()
  }
  return { samples, written: await writer.finish() }
}

const numbered = (number: number, digits: number): string => String(number).padStart(digits, '0')

/** A value as JSON holds it: a list of one number is the number. */
const plainValues = (values: ConvertedRow['values']) =>
  Object.fromEntries(
    Object.entries(values).map(([name, numbers]) => [name, numbers.length === 1 ? numbers[0] : numbers]),
  )

/** `images/00000000.png` and so on, and `captions.jsonl`. */
function folderWriter(directory: string): SampleWriter {
  mkdirSync(directory, { recursive: true })
  const unfinished = join(directory, `captions.jsonl.${process.pid}.tmp`)
  const list = openSync(unfinished, 'w')
  return {
    add({ bytes, extension, captions, values }, number) {
      const file = `images/${numbered(number, 8)}.${extension}`
      writeFileAtomic(join(directory, file), bytes)
      writeSync(list, `${JSON.stringify({ ...plainValues(values), file, captions })}\n`)
    },
    finish() {
      closeSync(list)
      publishFile(unfinished, join(directory, 'captions.jsonl'))
      return `folder:${directory}?captions=captions.jsonl`
    },
  }
}

/** `data-00000.tar` and so on, each with some 100 MB. */
function webdatasetWriter(directory: string): SampleWriter {
  let entries: { name: string; content: Uint8Array }[] = []
  let [bytes, files] = [0, 0]
  async function flush(): Promise<void> {
    if (entries.length === 0) return
    const { pack } = await optionalPackage('tar-stream', 'writing WebDataset', () => import('tar-stream'))
    const archive = pack()
    const whole = buffer(archive)
    for (const { name, content } of entries)
      archive.entry({ name, mtime: new Date(0), mode: 0o644 }, Buffer.from(content))
    archive.finalize()
    writeFileAtomic(join(directory, `data-${numbered(files++, 5)}.tar`), await whole)
    entries = []
    bytes = 0
  }
  return {
    async add({ bytes: image, extension, captions, values }, number) {
      const key = numbered(number, 8)
      const json = Buffer.from(JSON.stringify({ ...plainValues(values), captions }))
      entries.push({ name: `${key}.${extension}`, content: image }, { name: `${key}.json`, content: json })
      bytes += image.length
      if (bytes >= fileBytes) await flush()
    },
    async finish() {
      await flush()
      return `webdataset:${join(directory, 'data-*.tar')}`
    },
  }
}

/** `data-00000.parquet` and so on, each with some 100 MB: an image, its captions, and a column a label or array. */
function parquetWriter(directory: string, { labels = {}, arrays = {} }: Source): SampleWriter {
  const names = [...Object.keys(labels), ...Object.keys(arrays)]
  const real = { name: 'element', type: 'DOUBLE', repetition_type: 'OPTIONAL' } as const
  const layout: ParquetLayout = {
    schema: [
      { name: 'schema', num_children: 2 + names.length },
      { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      textElement('path'),
      ...listElements('caption', textElement('element')),
      ...names.flatMap((name) => listElements(name, real)),
    ],
    metadata: [],
  }
  let rows: ConvertedRow[] = []
  let [bytes, files] = [0, 0]
  function flush(): void {
    if (rows.length === 0) return
    const column = (name: string, value: (row: ConvertedRow, number: number) => unknown) => ({
      name,
      data: rows.map(value),
    })
    const image = column('image', ({ bytes, extension }, i) => ({
      bytes,
      path: `${numbered(i, 8)}.${extension}`,
    }))
    const columns = [
      { ...image, codec: 'UNCOMPRESSED', encoding: 'PLAIN', statistics: false } as const,
      column('caption', ({ captions }) => [...captions]),
      ...names.map((name) => column(name, ({ values }) => values[name] && [...values[name]])),
    ]
    appendRowGroup(join(directory, `data-${numbered(files++, 5)}.parquet`), layout, columns, 0)
    rows = []
    bytes = 0
  }
  return {
    add(row) {
      rows.push(row)
      bytes += row.bytes.length
      if (bytes >= fileBytes) flush()
    },
    finish() {
      flush()
      return `parquet:${join(directory, 'data-*.parquet')}`
    },
  }
}
