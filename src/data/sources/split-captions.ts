import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname, posix, resolve } from 'node:path'
import { ConfigError, DataError } from '../../core/index.ts'
import { badRow, type CaptionColumns, type CaptionRow } from './caption-row.ts'
import { openCaptionsCsv } from './captions-csv.ts'
import { type FolderOptions, openCaptionsFile } from './captions-file.ts'
import { textLines } from './captions-jsonl.ts'
import { fileProblem, spelledOnDisk } from './image-file.ts'

/** Fractions of pictures, each in [0, 1), that are held out; the others are for training. */
export interface SplitOptions {
  readonly validation: number
  readonly test: number
  readonly seed: number
}

/** A part of a captions file. */
export interface CaptionsPart {
  readonly name: 'train' | 'validation' | 'test'
  /** Count of pictures that differ in their bytes. */
  readonly pictures: number
  readonly rows: number
  /** Content of a captions file of the same format and columns. */
  readonly text: string
}

/** A picture with all its rows. */
interface Picture {
  /** Least of its names. */
  name: string
  readonly lines: number[]
}

/**
 * Split a captions file into parts for training, validation and test, by picture: all rows of a picture stay together, and
 * so do pictures of the same bytes under several names. Rows stay as they were written and in their order. The seed and the
 * names of the pictures decide, not the order of rows. A part with a fraction above 0 has a picture at least.
 * @param directory The folder of the images.
 * @throws ConfigError `data/split` for fractions that leave nothing to train on; DataError for the first row that is bad or
 * whose image is missing.
 */
export async function splitCaptions(
  directory: string,
  options: FolderOptions,
  split: SplitOptions,
): Promise<CaptionsPart[]> {
  const { path, text, columns, rows } = openCaptionsFile(directory, options)
  const pictures = inDrawnOrder(await picturesOf(directory, rows), split.seed)
  const { header, raw } = writtenRows(text, path, columns)
  let first = 0
  return countsOf(pictures.length, split).map(([name, count]) => {
    const own = pictures.slice(first, first + count)
    first += count
    const lines = own.flatMap((picture) => picture.lines).sort((a, b) => a - b)
    const written = [...header, ...lines.map((line) => raw.get(line))]
    return { name, pictures: count, rows: lines.length, text: `${written.join('\n')}\n` }
  })
}

async function picturesOf(directory: string, rows: Iterable<CaptionRow | DataError>): Promise<Picture[]> {
  const digests = new Map<string, string>()
  const pictures = new Map<string, Picture>()
  for (const row of rows) {
    if (row instanceof DataError) throw row
    const name = spelledOnDisk(directory, posix.normalize(row.file))
    const digest = digests.get(name) ?? (await digestOf(resolve(directory, name), row))
    digests.set(name, digest)
    const picture = pictures.get(digest) ?? { name, lines: [] }
    pictures.set(digest, picture)
    picture.lines.push(row.origin.line)
    if (name < picture.name) picture.name = name
  }
  return [...pictures.values()]
}

async function digestOf(path: string, { origin }: CaptionRow): Promise<string> {
  const problem = await fileProblem(path)
  if (problem) throw badRow(problem.code, origin, problem.message, { image: path }, { cause: problem.cause })
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

/** Pictures in an order that only their names and the seed decide. */
function inDrawnOrder(pictures: readonly Picture[], seed: number): Picture[] {
  const keyed = pictures.map((picture) => {
    const name = picture.name.normalize('NFC')
    return { picture, key: createHash('sha256').update(`${seed}/${name}`).digest('hex') }
  })
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ picture }) => picture)
}

/** Counts of pictures of the parts: those that are held out first. */
function countsOf(pictures: number, { validation, test }: SplitOptions): [CaptionsPart['name'], number][] {
  const heldOut = Object.entries({ test, validation }).filter(([, fraction]) => fraction > 0)
  const counts = heldOut.map(([name, fraction]): [CaptionsPart['name'], number] => [
    name as CaptionsPart['name'],
    Math.max(1, Math.round(fraction * pictures)),
  ])
  const left = counts.reduce((rest, [, count]) => rest - count, pictures)
  if (left > 0) return [...counts, ['train', left]]
  throw new ConfigError(
    'data/split',
    `of ${pictures} pictures nothing is left to train on when ${validation} of them are for validation and ${test} for the ` +
      'test: take smaller fractions, or more pictures',
    { pictures, validation, test },
  )
}

/** The header of a table, and the rows as they were written, by their lines. */
function writtenRows(text: string, path: string, columns: CaptionColumns) {
  if (extname(path).toLowerCase() === '.jsonl') {
    const raw = new Map([...textLines(text)].map((row) => [row.line, row.text] as const))
    return { header: [], raw }
  }
  const { header, records } = openCaptionsCsv(text, path, columns)
  const raw = new Map([...records].map((record) => [record.line, record.raw] as const))
  return { header: header ? [header.raw] : [], raw }
}
