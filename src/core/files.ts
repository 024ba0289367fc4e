import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { FileError } from './errors.ts'

/**
 * Write a file so that a reader sees the old content or the new one, never a part: temporary name in the
 * same folder, sync, rename.
 * @throws FileError `file/is-a-directory` or `file/unwritable`, naming `path`; nothing is left behind.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeSynced(temporary, typeof content === 'string' ? Buffer.from(content) : content)
    renameSync(temporary, path)
  } catch (cause) {
    removeIfThere(temporary)
    throw unwritable(path, cause as Error)
  }
}

function writeSynced(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w')
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** What is told is why the file was not written, never that its beginning could not be removed. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {}
}

function unwritable(path: string, cause: Error): FileError {
  const facts = { file: path }
  if (existsSync(path) && statSync(path).isDirectory()) {
    const message = `${path} is a directory: name a file, in it or elsewhere`
    return new FileError('file/is-a-directory', message, facts, { cause })
  }
  const message = `${path} cannot be written (${cause.message}): name another place, or make room for it there`
  return new FileError('file/unwritable', message, facts, { cause })
}

/**
 * Fill a directory so that it appears whole or not at all: `fill` writes into a temporary sibling, which is
 * synced and renamed. An existing directory of that name is replaced only after the new one is complete.
 */
export async function writeDirectoryAtomic(
  path: string,
  fill: (temporary: string) => void | Promise<void>,
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { recursive: true })
  try {
    await fill(temporary)
    syncDirectory(temporary)
    const old = `${path}.${process.pid}.old`
    if (existsSync(path)) renameSync(path, old)
    renameSync(temporary, path)
    rmSync(old, { recursive: true, force: true })
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    throw error
  }
  syncDirectory(dirname(path))
}

function syncDirectory(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
