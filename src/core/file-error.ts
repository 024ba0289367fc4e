import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ErrorCode } from './error-codes.ts'
import { type ErrorFacts, FileError } from './errors.ts'

const full = ['ENOSPC', 'EDQUOT']
const forbidden = ['EACCES', 'EPERM', 'EROFS']

/**
 * The error of a file or directory that cannot be written: its path, the reason, and the way out.
 * @param bytes Size of what was to be written, if it is known.
 */
export function fileError(path: string, cause: unknown, bytes?: number): FileError {
  const facts = { file: path, ...(bytes !== undefined && { bytes }) }
  const error = (code: ErrorCode, message: string, more: ErrorFacts = {}) =>
    new FileError(code, message, { ...facts, ...more }, { cause })
  const { code = '', message } = cause as NodeJS.ErrnoException
  if (full.includes(code)) {
    const free = freeBytes(path)
    const sizes = [
      bytes && `${megabytes(bytes)} are needed`,
      free !== undefined && `${megabytes(free)} are free`,
    ]
    const why = ['the disk is full', ...sizes.filter(Boolean)].join(', ')
    const wayOut = 'Make room there, or name a place on another disk'
    return error('file/no-space', `${path} cannot be written: ${why}. ${wayOut}`, { free })
  }
  if (forbidden.includes(code)) {
    const wayOut = 'Change the permissions of its folder, or name another place'
    return error('file/not-permitted', `${path} may not be written (${message}). ${wayOut}`)
  }
  if (existsSync(path) && statSync(path).isDirectory()) {
    return error('file/is-a-directory', `${path} is a directory: name a file, in it or elsewhere`)
  }
  return error('file/unwritable', `${path} cannot be written (${message}): name another place`)
}

/** The same error about the final name of what was written under a temporary one, with a further way out. */
export function renamedFileError(
  error: FileError,
  temporary: string,
  path: string,
  wayOut: string | undefined,
): FileError {
  const real = (text: string) => text.replaceAll(temporary, path)
  const { file } = error.facts
  return new FileError(
    error.code,
    [real(error.message), wayOut].filter(Boolean).join('. '),
    { ...error.facts, ...(typeof file === 'string' && { file: real(file) }) },
    { cause: error.cause },
  )
}

/** Bytes left on the disk of a path whose folder may not exist yet; undefined where they cannot be read. */
function freeBytes(path: string): number | undefined {
  const folder = dirname(path)
  if (!existsSync(folder)) return folder === path ? undefined : freeBytes(folder)
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
