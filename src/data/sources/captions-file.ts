import { readFileSync } from 'node:fs'
import { extname, isAbsolute, join } from 'node:path'
import { ConfigError, DataError } from '../../core/index.ts'
import type { CaptionColumns, CaptionRow } from './caption-row.ts'
import { parseCaptionsCsv } from './captions-csv.ts'
import { parseCaptionsJsonl } from './captions-jsonl.ts'
import type { LabelKinds } from './label-values.ts'
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

/** A captions file, opened. */
export interface CaptionsFile {
  readonly path: string
  readonly text: string
  readonly columns: CaptionColumns
  /** Rows of the file, parsed on request. */
  readonly rows: Iterable<CaptionRow | DataError>
}

/**
 * Open the captions file of a folder of images.
 * @throws ConfigError for another kind of file; DataError for one that cannot be read, at once, or lacks a column, at the
 * first row.
 */
export function openCaptionsFile(directory: string, options: FolderOptions): CaptionsFile {
  const { captions } = options
  const path = isAbsolute(captions) ? captions : join(directory, captions)
  const parser = parserOf(path)
  const [text, columns] = [readText(path), columnsOf(options)]
  return { path, text, columns, rows: parser(text, path, columns) }
}

const columnsOf = ({
  image = 'file',
  caption = ['caption', 'captions'],
  labels = {},
}: FolderOptions): CaptionColumns => ({
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

function parserOf(path: string): Parser {
  const parser = parsers[extname(path).toLowerCase()]
  if (parser) return parser
  const known = Object.keys(parsers).join(', ')
  throw new ConfigError(
    'config/captions-format',
    `captions are read from files in ${known}, not from ${path}`,
    {
      path,
    },
  )
}

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
