import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Command } from 'commander'
import { ConfigError, shellWord, writeFileAtomic } from '../core/index.ts'
import {
  type CaptionsPart,
  type FolderOptions,
  parseSource,
  type SplitOptions,
  splitCaptions,
} from '../data/index.ts'
import { type Table, textTable } from '../report/index.ts'
import { jsonOption, parseFraction, parseSeed } from './options.ts'
import type { Output } from './output.ts'

interface SplitCommandOptions extends SplitOptions {
  readonly json?: true
}

/** A written part of a captions file. */
interface WrittenPart extends Omit<CaptionsPart, 'text'> {
  readonly file: string
}

/** `visuomotor data split folder:DIRECTORY?captions=FILE` */
export function registerDataSplit(data: Command, output: Output): void {
  data
    .command('split')
    .description('split a captions file into train, validation and test, by picture')
    .argument('<source>', 'folder:DIRECTORY?captions=FILE')
    .option('--validation <fraction>', 'pictures for validation', parseFraction, 0.1)
    .option('--test <fraction>', 'pictures for the test', parseFraction, 0.1)
    .option('--seed <number>', 'another seed, other pictures', parseSeed, 0)
    .addOption(jsonOption())
    .action(async (text: string, { json, ...split }: SplitCommandOptions) => {
      const { kind: _, directory, ...options } = folderOf(text)
      const parts = await splitCaptions(directory, options, split)
      const written = writeParts(parts, directory, options.captions)
      output.result(json ? JSON.stringify({ parts: written }, undefined, 2) : textTable(tableOf(written)))
      const captions = partName(options.captions, 'train')
      const train = `folder:${directory}${settingsOf({ ...options, captions })}`
      output.note(`look at what is trained on: visuomotor data inspect ${shellWord(train)}`)
    })
}

function folderOf(text: string) {
  const spec = parseSource(text)
  if (spec.kind === 'folder') return spec
  throw new ConfigError(
    'data/split',
    `${text} has no captions file to split: it is folder:DIRECTORY?captions=FILE. Of other sources a filter keeps parts ` +
      '(keep: { every: 10 } and keep: { exceptEvery: 10 })',
    { source: text },
  )
}

/** `?captions=captions-train.csv&caption=en,de` */
const settingsOf = ({ captions, image, caption }: FolderOptions): string => {
  const columns = [image && `&image=${image}`, caption && `&caption=${[caption].flat().join()}`]
  return `?captions=${captions}${columns.filter(Boolean).join('')}`
}

/** `captions.csv` → `captions-train.csv` */
const partName = (captions: string, name: string): string => {
  const extension = extname(captions)
  return `${captions.slice(0, captions.length - extension.length)}-${name}${extension}`
}

/** Write the parts beside the captions file. Files that are there are not written over. */
function writeParts(parts: readonly CaptionsPart[], directory: string, captions: string): WrittenPart[] {
  const files = parts.map(({ text, ...part }) => ({
    text,
    written: { ...part, file: join(directory, partName(captions, part.name)) },
  }))
  const other = files.find(
    ({ text, written: { file } }) => existsSync(file) && readFileSync(file, 'utf8') !== text,
  )
  if (other) {
    const { file } = other.written
    const message = `there is another ${file} already, and nothing was written: rename or delete it first`
    throw new ConfigError('data/split', message, { file })
  }
  for (const { text, written } of files) writeFileAtomic(written.file, text)
  return files.map(({ written }) => written)
}

const tableOf = (parts: readonly WrittenPart[]): Table => ({
  columns: ['Part', 'Pictures', 'Rows', 'File'].map((title) => ({ title })),
  rows: parts.map(({ name, pictures, rows, file }) => [name, pictures, rows, file]),
})
