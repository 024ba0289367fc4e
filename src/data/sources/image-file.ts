import { access, constants, stat } from 'node:fs/promises'
import type { DataError } from '../../core/index.ts'

/** Reason for which a file is no image, found without decoding it. */
export interface FileProblem {
  readonly code: DataError['code']
  readonly message: string
  readonly cause?: unknown
}

/** @returns The problem of an image's file; undefined when there are bytes that can be read. */
export async function fileProblem(path: string): Promise<FileProblem | undefined> {
  try {
    const found = await stat(path)
    if (!found.isFile()) return { code: 'data/unreadable-image', message: `${path} is not a file` }
    if (found.size === 0) return { code: 'data/empty-image', message: `the image ${path} has no bytes` }
    await access(path, constants.R_OK)
    return undefined
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    if (missing) return { code: 'data/missing-image', message: `there is no image ${path}`, cause }
    const message = `cannot read the image: ${(cause as Error).message}`
    return { code: 'data/unreadable-image', message, cause }
  }
}
