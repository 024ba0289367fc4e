import { resolve } from 'node:path'
import { DataError } from '../../core/index.ts'
import type { Source } from '../source.ts'
import { badRow, type CaptionRow } from './caption-row.ts'
import { type CaptionedImages, gatherImages } from './captioned-images.ts'
import { type FolderOptions, openCaptionsFile } from './captions-file.ts'
import { fileProblem, spelledOnDisk } from './image-file.ts'
import { deliver, type Found } from './pass.ts'

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
  const { labels } = options
  const { path, rows } = openCaptionsFile(directory, options)
  const images = gatherImages(rows, (file) => spelledOnDisk(directory, file))
  if (images.size === 0) throw noRows(path)
  return {
    name: `folder(${directory})`,
    spec: { kind: 'folder', directory, ...options },
    size: images.size,
    ...(labels && { labels }),
    samples: ({ skip = 0, onBad } = {}) => deliver(readable(directory, images, skip), onBad),
  }
}

const noRows = (path: string): DataError =>
  new DataError('data/no-captions', `${path} has no rows. Write one for each image`, { file: path })

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
