import { type Dirent, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { DataError } from '../../core/index.ts'

/** Extensions of images that can be decoded, in lower case. */
export const imageExtensions = ['avif', 'bmp', 'gif', 'jpeg', 'jpg', 'png', 'svg', 'tif', 'tiff', 'webp']

/**
 * Images in a folder and the folders in it, as paths that begin with `directory`, in alphabetical order of UTF-16 code
 * units. For search, which needs images without captions; hidden files are left out.
 *
 * @throws DataError when the folder cannot be read or holds no image.
 */
export function imageFiles(directory: string): string[] {
  const files = listFiles(directory)
    .filter((file) => imageExtensions.includes(extname(file).slice(1).toLowerCase()))
    .sort()
  if (files.length > 0) return files
  const kinds = imageExtensions.join(', ')
  throw new DataError('data/no-images', `no image (${kinds}) in ${directory} or the folders in it`, {
    file: directory,
  })
}

/** Files of a folder and of the folders in it, hidden ones left out. @throws DataError as {@link imageFiles}. */
export function listFiles(directory: string): string[] {
  return readFolder(directory)
    .filter((entry) => !entry.name.startsWith('.'))
    .flatMap((entry) => {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) return listFiles(path)
      return entry.isFile() || entry.isSymbolicLink() ? [path] : []
    })
}

/** Entries of a folder. @throws DataError `data/unreadable-folder`. */
export function readFolder(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch (cause) {
    const problem = (cause as Error).message
    throw new DataError(
      'data/unreadable-folder',
      `cannot list the images of ${directory}: ${problem}. Name a folder that exists`,
      { file: directory },
      { cause },
    )
  }
}
