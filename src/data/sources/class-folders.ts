import { readdirSync, statSync } from 'node:fs'
import { basename, extname, join, relative } from 'node:path'
import { DataError } from '../../core/index.ts'
import type { Source } from '../source.ts'
import { badSample } from './bad-sample.ts'
import { fileProblem } from './image-file.ts'
import { imageExtensions, imageFiles, listFiles, readFolder } from './image-files.ts'
import { deliver, type Found } from './pass.ts'

/** Pictures of kinds that are not decoded: they are bad samples, so that none is missing without a word. */
const otherPictures = ['bmp', 'heic', 'heif', 'ico', 'jp2', 'pgm', 'ppm']

/** A file of a class; without a class it lies beside the folders of classes. */
interface ClassFile {
  readonly path: string
  /** Index of the class. */
  readonly label?: number
}

/**
 * Images in folders named after their classes, without captions, as torchvision's `ImageFolder` reads them:
 *
 *     photos/cat/a.png          caption `cat`, label `class` 0
 *     photos/dog/more/b.jpg     caption `dog`, label `class` 1
 *
 * Classes are the folders of `directory` in alphabetical order of code points; a class holds the images of its folder and
 * the folders in it. The name of the class is caption and concept of its images, whose ids are their paths from
 * `directory`. Hidden folders are no classes (to torchvision they are).
 *
 * @throws DataError `data/no-class-folders` without folders, `data/no-images` for a class without images, at once; during a
 * pass, unless `onBad` takes it, for a picture beside the folders, of a kind that is not decoded, or that cannot be read.
 */
export function classFolders(directory: string): Source {
  const classes = classesOf(directory)
  const files = filesOf(directory, classes)
  const names = classes.map((name) => name.normalize('NFC'))
  return {
    name: `classFolders(${directory})`,
    spec: { kind: 'classFolders', directory },
    size: files.length,
    labels: { class: { kind: 'class', classes: classes.length } },
    classNames: { class: names },
    samples: ({ skip = 0, onBad } = {}) => deliver(found(directory, files.slice(skip), names), onBad),
  }
}

function classesOf(directory: string): string[] {
  const classes = readFolder(directory)
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('.') && statSync(join(directory, name)).isDirectory())
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  if (classes.length > 0) return classes
  throw new DataError(
    'data/no-class-folders',
    `there are no folders in ${directory}: a source of class folders has one for each class, with its images in it. ` +
      'Images with a file of captions are a source folder:DIRECTORY?captions=FILE',
    { file: directory },
  )
}

/** Pictures beside the folders first, then those of each class. */
function filesOf(directory: string, classes: readonly string[]): ClassFile[] {
  const isPicture = (path: string) =>
    [...imageExtensions, ...otherPictures].includes(extname(path).slice(1).toLowerCase())
  const beside = readdirSync(directory).filter((name) => !name.startsWith('.') && !classes.includes(name))
  const stray = beside.filter(isPicture).sort()
  return [
    ...stray.map((name) => ({ path: join(directory, name) })),
    ...classes.flatMap((name, label) => {
      const folder = join(directory, name)
      imageFiles(folder) // which refuses a class without images
      return listFiles(folder)
        .filter(isPicture)
        .sort()
        .map((path) => ({ path, label }))
    }),
  ]
}

async function* found(
  directory: string,
  files: readonly ClassFile[],
  names: readonly string[],
): AsyncGenerator<Found> {
  for (const { path, label } of files) {
    const bad = (code: DataError['code'], problem: string, cause?: unknown) =>
      badSample(code, path, problem, { file: path }, { cause })
    const extension = extname(path).slice(1).toLowerCase()
    if (label === undefined) {
      yield bad('data/no-class-folders', `${basename(path)} lies beside the folders of classes, and has none`)
    } else if (otherPictures.includes(extension) && !imageExtensions.includes(extension)) {
      yield bad('data/unreadable-image', `pictures of the kind .${extension} are not decoded; convert it`)
    } else {
      const problem = await fileProblem(path)
      const id = relative(directory, path).replaceAll('\\', '/')
      const [caption = '', labels] = [names[label], { class: [label] }]
      if (problem) yield bad(problem.code, problem.message, problem.cause)
      else
        yield {
          id,
          image: { file: path },
          captions: [caption],
          concept: caption,
          labels,
          origin: { file: path },
        }
    }
  }
}
