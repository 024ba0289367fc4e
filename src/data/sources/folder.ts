import { readFileSync } from 'node:fs'
import { extname, isAbsolute, join, resolve } from 'node:path'
import { ConfigError, DataError } from '../../core/index.ts'
import type { Source } from '../source.ts'
import { badRow, type CaptionColumns, type CaptionRow } from './caption-row.ts'
import { type CaptionedImages, gatherImages } from './captioned-images.ts'
import { parseCaptionsCsv } from './captions-csv.ts'
import { parseCaptionsJsonl } from './captions-jsonl.ts'
import { fileProblem, spelledOnDisk } from './image-file.ts'
import type { LabelKinds } from './label-values.ts'
import { deliver, type Found } from './pass.ts'
import { utf8Text } from './utf8-text.ts'

/** Options of `folder`. */
export interface FolderOptions {
  /** The captions file, `.jsonl`, `.csv` or `.tsv`; a path from the folder. */
  readonly captions: string
  /** Column or key with the paths of images. Default: `file`. */
  readonly image?: string
  /** Column or key with captions, or several. Default: `caption` and `captions`, of which one is enough. */
  readonly caption?: string | readonly string[]
  /** Columns or keys that hold labels, by name, with their kinds. Default: none. */
  readonly labels?: LabelKinds
}

/**
 * Images in a folder with a file of captions:
 *
 *     captions.jsonl   {"file": "cats/a.png", "caption": "a cat"}        one object a line,
 *                      {"file": "b.png", "captions": ["a dog", "Rex"]}   or several captions
 *     captions.csv     file,caption                                      a header, then a row a caption; also with
 *                      cats/a.png,a cat                                  semicolons, or tabs (captions.tsv)
 *
 * Files are paths from the folder. Rows of one file are several captions of one image, each once; a sample's id is its
 * file, and samples come in the order in which files are first named. `size` counts bad rows too.
 *
 * @throws DataError when the captions file cannot be read, lacks a column or has unbalanced quotes, at once;
 * during a pass for a bad row (malformed, no caption) or an image that is missing, empty or not readable, unless `onBad`
 * takes it. ConfigError for another kind of captions file.
 */
export function folder(directory: string, options: FolderOptions): Source {
  const { captions, labels } = options
  const path = isAbsolute(captions) ? captions : join(directory, captions)
  const images = gatherImages(readRows(path, columnsOf(options)), (file) => spelledOnDisk(directory, file))
  if (images.size === 0) throw noRows(path)
  return {
    name: `folder(${directory})`,
    spec: { kind: 'folder', directory, ...options },
    size: images.size,
    ...(labels && { labels }),
    samples: ({ skip = 0, onBad } = {}) => deliver(readable(directory, images, skip), onBad),
  }
}

const columnsOf = ({ image = 'file', caption = ['caption', 'captions'], labels = {} }: FolderOptions) => ({
  image,
  captions: [caption].flat(),
  labels,
})

type Parser = (text: string, path: string, columns: CaptionColumns) => Iterable<CaptionRow | DataError>

const parsers: Readonly<Record<string, Parser>> = {
  '.csv': parseCaptionsCsv,
  '.jsonl': parseCaptionsJsonl,
  '.tsv': parseCaptionsCsv,
}

function readRows(path: string, columns: CaptionColumns): Iterable<CaptionRow | DataError> {
  const parser = parsers[extname(path).toLowerCase()]
  if (parser) return parser(readText(path), path, columns)
  const known = Object.keys(parsers).join(', ')
  throw new ConfigError(
    'config/captions-format',
    `captions are read from files in ${known}, not from ${path}`,
    {
      path,
    },
  )
}

const noRows = (path: string): DataError =>
  new DataError('data/no-captions', `${path} has no rows. Write one for each image`, { file: path })

function readText(path: string): string {
  const bytes = readBytes(path)
  try {
    return utf8Text(bytes)
  } catch (cause) {
    const message = `${path} ${(cause as Error).message}`
    throw new DataError('data/unreadable-captions', message, { file: path }, { cause })
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new DataError(
      'data/unreadable-captions',
      `cannot read captions: ${(cause as Error).message}. Name the file that has them by its path from the ` +
        'folder of images, .jsonl or .csv (folder:photos?captions=captions.csv)',
      { file: path },
      { cause },
    )
  }
}

async function* readable(directory: string, images: CaptionedImages, skip: number): AsyncGenerator<Found> {
  for (let place = skip; place < images.size; place++) {
    const image = images.at(place)
    if (image instanceof DataError) {
      yield image
      continue
    }
    const { file, ...said } = image
    const path = resolve(directory, spelledOnDisk(directory, file))
    yield (await problemWith(path, image)) ?? { id: file, image: { file: path }, ...said }
  }
}

async function problemWith(path: string, { origin }: CaptionRow): Promise<DataError | undefined> {
  const problem = await fileProblem(path)
  return problem && badRow(problem.code, origin, problem.message, { image: path }, { cause: problem.cause })
}
