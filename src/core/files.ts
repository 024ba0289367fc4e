import {
  appendFileSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { FileError } from './errors.ts'
import { fileError, renamedFileError } from './file-error.ts'

/**
 * Write a file so that a reader sees the old content or the new one, never a part: temporary name in the
 * same folder, sync, rename.
 * @param content A text, bytes, or chunks of bytes in order, which are not copied.
 * @throws FileError `file/no-space`, `file/not-permitted`, `file/is-a-directory` or `file/unwritable`, naming `path`;
 * nothing is left behind.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const temporary = `${path}.${process.pid}.tmp`
  const chunks = typeof content === 'string' ? [Buffer.from(content)] : [content].flat()
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeSynced(temporary, chunks)
    renameSync(temporary, path)
  } catch (cause) {
    removeIfThere(temporary)
    throw fileError(
      path,
      cause,
      chunks.reduce((sum, { length }) => sum + length, 0),
    )
  }
}

/**
 * Append to a file, which is created if it is missing; its folder must exist.
 * @throws FileError as {@link writeFileAtomic}.
 */
export function appendToFile(path: string, content: string | Uint8Array): void {
  try {
    appendFileSync(path, content)
  } catch (cause) {
    throw fileError(path, cause)
  }
}

/**
 * Replace what stands in a file behind its first `start` bytes, so that a reader sees the old file or the new one, never a
 * part. It costs a copy of the beginning, which file systems with shared extents save.
 * @throws FileError as {@link writeFileAtomic}.
 */
export function replaceTailAtomic(path: string, start: number, tail: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    copyFileSync(path, temporary, constants.COPYFILE_FICLONE)
    writeSynced(temporary, [tail], start)
    renameSync(temporary, path)
  } catch (cause) {
    removeIfThere(temporary)
    throw fileError(path, cause, start + tail.length)
  }
}

/**
 * Give a finished file its final name, in the same file system, so that a reader sees nothing there or all of it.
 * @throws FileError as {@link writeFileAtomic}.
 */
export function publishFile(finished: string, path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    sync(finished)
    renameSync(finished, path)
  } catch (cause) {
    throw fileError(path, cause)
  }
}

/** Write chunks to a new file; with `start`, into one that is there, which is cut before them; wait for the disk. */
function writeSynced(path: string, chunks: readonly Uint8Array[], start?: number): void {
  const file = openSync(path, start === undefined ? 'w' : 'r+')
  try {
    if (start !== undefined) ftruncateSync(file, start)
    let position = start ?? 0
    for (const chunk of chunks) {
      for (let written = 0; written < chunk.length; )
        written += writeSync(file, chunk, written, chunk.length - written, position + written)
      position += chunk.length
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Remove what is left of a failed attempt; a failure to do so would hide why the attempt failed. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {}
}

/**
 * Fill a directory so that it appears whole or not at all: `fill` writes into a temporary sibling, which is
 * synced and renamed. An existing directory of that name is replaced only after the new one is complete.
 * @param wayOut Last sentence of the error's message, such as the newest checkpoint that is whole.
 * @throws FileError as {@link writeFileAtomic}, naming the file in `path`; nothing is left behind.
 */
export async function writeDirectoryAtomic(
  path: string,
  fill: (temporary: string) => void | Promise<void>,
  wayOut?: string,
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    orFileError(path, () => {
      rmSync(temporary, { recursive: true, force: true })
      mkdirSync(temporary, { recursive: true })
    })
    await fill(temporary)
    orFileError(path, () => replaceDirectory(path, temporary))
  } catch (error) {
    removeIfThere(temporary)
    throw error instanceof FileError ? renamedFileError(error, temporary, path, wayOut) : error
  }
}

function replaceDirectory(path: string, complete: string): void {
  sync(complete)
  const old = `${path}.${process.pid}.old`
  if (existsSync(path)) renameSync(path, old)
  renameSync(complete, path)
  rmSync(old, { recursive: true, force: true })
  sync(dirname(path))
}

function orFileError(path: string, write: () => void): void {
  try {
    write()
  } catch (cause) {
    throw fileError(path, cause)
  }
}

/** Wait until a file or directory is on the disk. */
function sync(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
