import { closeSync, fstatSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * Seconds since a file was written, by the clock of the file system that holds it: hosts that share one may have clocks that
 * differ. A file is opened for this, since file systems of a network show old times of files that are not.
 * @throws Error of the system for a file that is not there.
 */
export function ageOf(file: string): number {
  const probe = join(dirname(file), `.clock-${hostname()}-${process.pid}`)
  writeFileSync(probe, '')
  try {
    return (writtenAt(probe) - writtenAt(file)) / 1000
  } finally {
    rmSync(probe, { force: true })
  }
}

function writtenAt(file: string): number {
  const handle = openSync(file, 'r')
  try {
    return fstatSync(handle).mtimeMs
  } finally {
    closeSync(handle)
  }
}
