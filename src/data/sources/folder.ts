import { readFileSync } from 'node:fs'
import { extname, isAbsolute, join, posix, resolve } from 'node:path'
import { ConfigError, DataError } from '../../core/index.ts'
import type { Labels } from '../label-rows.ts'
import type { Sample } from '../sample.ts'
import type { Source } from '../source.ts'
import { badRow, type CaptionRow } from './caption-row.ts'
import { parseCaptionsCsv } from './captions-csv.ts'
import { parseCaptionsJsonl } from './captions-jsonl.ts'
import { fileProblem } from './image-file.ts'
import type { LabelKinds } from './label-values.ts'
import { deliver } from './pass.ts'

/** Options of `folder`. */
export interface FolderOptions {
  /** The captions file, `.jsonl` or `.csv`; a path from the folder. */
  readonly captions: string
  /** Columns or keys that hold labels, by name, and what their numbers mean. Default: none. */
  readonly labels?: LabelKinds
}

/**
 * Images in a folder with a file of captions:
 *
 *     captions.jsonl   {"file": "cats/a.png", "caption": "a cat"}        one object a line,
 *                      {"file": "b.png", "captions": ["a dog", "Rex"]}   or several captions
 *     captions.csv     file,caption                                      a header, then a row a caption
 *                      cats/a.png,a cat
 *
 * Files are paths from the folder. Rows of one file are several captions of one image; a sample's id is its
 * file, and samples come in the order in which files are first named. `size` counts bad rows too.
 *
 * @throws DataError when the captions file cannot be read, lacks a column or has unbalanced quotes, at once;
 * during a pass for a bad row (malformed, empty or repeated caption) or an image that is missing, empty or
 * not readable, unless `onBad` takes it. ConfigError for another kind of captions file.
 */
export function folder(directory: string, options: FolderOptions): Source {
  const { captions, labels } = options
  const path = isAbsolute(captions) ? captions : join(directory, captions)
  const images = imagesOf(readRows(path, labels))
  return {
    name: `folder(${directory})`,
    spec: { source: 'folder', directory, ...options },
    size: images.length,
    ...(labels && { labels }),
    samples: ({ skip = 0, onBad } = {}) => deliver(readable(directory, images.slice(skip)), onBad),
  }
}

const parsers: Readonly<Record<string, typeof parseCaptionsCsv>> = {
  '.csv': parseCaptionsCsv,
  '.jsonl': parseCaptionsJsonl,
}

function readRows(path: string, labels: LabelKinds | undefined): (CaptionRow | DataError)[] {
  const parser = parsers[extname(path).toLowerCase()]
  if (!parser) {
    const known = Object.keys(parsers).join(' or ')
    throw new ConfigError('config/captions-format', `captions are read from ${known}, not from ${path}`, {
      path,
    })
  }
  const rows = parser(readText(path), path, labels)
  if (rows.length > 0) return rows
  throw new DataError('data/no-captions', `${path} has no rows. Write one for each image`, { file: path })
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new DataError(
      'data/unreadable-captions',
      `cannot read captions: ${(cause as Error).message}. The path is taken from the folder of images`,
      { file: path },
      { cause },
    )
  }
}

/** An image with all its rows. */
interface CaptionedImage extends CaptionRow {
  readonly captions: string[]
  labels?: Labels
}

/** Rows gathered by image, in the order of first appearance, and the errors where they stood. */
function imagesOf(rows: readonly (CaptionRow | DataError)[]): (CaptionedImage | DataError)[] {
  const images = new Map<string, CaptionedImage>()
  const result: (CaptionedImage | DataError)[] = []
  for (const row of rows) {
    if (row instanceof DataError) {
      result.push(row)
      continue
    }
    const file = posix.normalize(row.file)
    const image = images.get(file)
    if (!image) {
      const first = { ...row, file, captions: [...row.captions] }
      images.set(file, first)
      result.push(first)
      continue
    }
    const problem = conflict(image, row)
    if (problem) {
      result.push(problem)
      continue
    }
    image.captions.push(...row.captions)
    if (row.labels) image.labels = { ...image.labels, ...row.labels }
  }
  return result
}

/** What a row repeats or contradicts of its image's earlier rows. */
function conflict(
  image: CaptionedImage,
  { captions, labels = {}, origin }: CaptionRow,
): DataError | undefined {
  const {
    file,
    origin: { line },
  } = image
  const repeated = captions.find((caption) => image.captions.includes(caption))
  if (repeated !== undefined) {
    return badRow(
      'data/repeated-caption',
      origin,
      `${file} has the caption "${repeated}" already, from line ${line}`,
    )
  }
  const other = Object.entries(labels).find(([name, numbers]) => {
    const earlier = image.labels?.[name]
    return earlier !== undefined && earlier.join() !== numbers.join()
  })
  if (other === undefined) return undefined
  const [name, numbers] = other
  const problem = `the label "${name}" of ${file} is [${numbers}], but above, from line ${line} on, [${image.labels?.[name]}]`
  return badRow('data/bad-label', origin, problem)
}

async function* readable(
  directory: string,
  images: readonly (CaptionedImage | DataError)[],
): AsyncGenerator<Sample | DataError> {
  for (const image of images) {
    if (image instanceof DataError) {
      yield image
      continue
    }
    const { file, ...said } = image
    const path = resolve(directory, file)
    yield (await problemWith(path, image)) ?? { id: file, image: { file: path }, ...said }
  }
}

async function problemWith(path: string, { origin }: CaptionRow): Promise<DataError | undefined> {
  const problem = await fileProblem(path)
  return problem && badRow(problem.code, origin, problem.message, { image: path }, { cause: problem.cause })
}
