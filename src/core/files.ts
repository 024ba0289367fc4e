import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Write a file so that a reader sees the old content or the new one, never a part: temporary name in the
 * same folder, sync, rename.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const file = openSync(temporary, 'w')
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
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
