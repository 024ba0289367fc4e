import { existsSync } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type DataError, excerpt } from '../../core/index.ts'

/** Reason for which a file is no image, found without decoding it. */
export interface FileProblem {
  readonly code: DataError['code']
  readonly message: string
  readonly cause?: unknown
}

/**
 * Spelling of a file's name that is in the folder: as written, or with its accents composed (NFC) or decomposed (NFD), as
 * macOS and archives made there have them. The name as written where there is none of them.
 */
export function spelledOnDisk(directory: string, name: string): string {
  const spellings = [...new Set([name, name.normalize('NFC'), name.normalize('NFD')])]
  if (spellings.length === 1) return name
  return spellings.find((spelling) => existsSync(resolve(directory, spelling))) ?? name
}

/** @returns The problem of an image's file; undefined when there are bytes that can be read. */
export async function fileProblem(path: string): Promise<FileProblem | undefined> {
  try {
    const found = await stat(path)
    if (!found.isFile())
      return { code: 'data/unreadable-image', message: `${excerpt(path, 300)} is not a file` }
    if (found.size === 0) return { code: 'data/empty-image', message: `the image ${path} has no bytes` }
    await access(path, constants.R_OK)
    return undefined
  } catch (cause) {
    const missing = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(
      (cause as NodeJS.ErrnoException).code ?? '',
    )
    if (missing)
      return { code: 'data/missing-image', message: `there is no image ${excerpt(path, 300)}`, cause }
    const message = `cannot read the image: ${excerpt((cause as Error).message, 300)}`
    return { code: 'data/unreadable-image', message, cause }
  }
}
