import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { FileError } from './errors.ts'
import { fileError } from './file-error.ts'
import { appendToFile, writeDirectoryAtomic, writeFileAtomic } from './files.ts'
import { float32 } from './host-array.ts'
import { writeSafetensors } from './safetensors.ts'

const home = mkdtempSync(join(tmpdir(), 'files-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
beforeEach(() => {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home)
})

describe('writeFileAtomic', () => {
  test('makes the folder, and replaces what was there', () => {
    const file = join(home, 'deep/er/page.html')
    writeFileAtomic(file, 'old')
    writeFileAtomic(file, 'new')
    expect(readFileSync(file, 'utf8')).toBe('new')
    expect(readdirSync(join(home, 'deep/er'))).toEqual(['page.html'])
  })

  const failure = (file: string): unknown => {
    try {
      return writeFileAtomic(file, 'x')
    } catch (error) {
      return error
    }
  }

  test('names a directory that stands there, and leaves nothing beside it', () => {
    const taken = join(home, 'taken')
    mkdirSync(taken)
    const error = failure(taken)
    expect(error).toBeInstanceOf(FileError)
    expect(error).toMatchObject({ code: 'file/is-a-directory', facts: { file: taken } })
    expect((error as FileError).message).toContain(`${taken} is a directory`)
    expect(readdirSync(home)).toEqual(['taken'])
  })

  test('names a file whose folder cannot be made', () => {
    const file = join(home, 'note.txt', 'page.html')
    writeFileSync(join(home, 'note.txt'), 'mine')
    const error = failure(file)
    expect(error).toMatchObject({ code: 'file/unwritable', message: expect.stringContaining(file) })
    expect((error as FileError).cause).toBeInstanceOf(Error)
    expect(readFileSync(join(home, 'note.txt'), 'utf8')).toBe('mine')
  })
})

/** On Linux, every write to it fails as on a full disk. */
const fullDevice = '/dev/full'
/** Let the temporary file that is written before `path` be a link to the full device. */
const fillDisk = (path: string) => symlinkSync(fullDevice, `${path}.${process.pid}.tmp`)

describe.skipIf(!existsSync(fullDevice))('a full disk', () => {
  const refusal = (file: string, reason: string) =>
    expect.objectContaining({ code: 'file/no-space', message: expect.stringContaining(`${file} ${reason}`) })

  test('is told with the file and the bytes that are needed; the old content stays', () => {
    const file = join(home, 'weights.safetensors')
    writeFileSync(file, 'old')
    fillDisk(file)
    const write = () => writeSafetensors(file, [['w', float32([500_000], new Float32Array(500_000))]])
    expect(write).toThrow(refusal(file, 'cannot be written: the disk is full, 2.0 MB are needed, '))
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(home)).toEqual(['weights.safetensors'])
  })

  test('leaves no half directory; the message names the file in it and what is whole', async () => {
    const directory = join(home, 'checkpoints/20')
    const fill = (temporary: string) => {
      fillDisk(join(temporary, 'state.json'))
      writeFileAtomic(join(temporary, 'state.json'), '{}')
    }
    const written = writeDirectoryAtomic(directory, fill, 'The last good checkpoint is checkpoints/10')
    await expect(written).rejects.toEqual(
      refusal(join(directory, 'state.json'), 'cannot be written: the disk is'),
    )
    await expect(written).rejects.toThrow(/another disk\. The last good checkpoint is checkpoints\/10$/)
    expect(readdirSync(join(home, 'checkpoints'))).toEqual([])
  })

  test('is told by a file that grows', () => {
    expect(() => appendToFile(fullDevice, 'line\n')).toThrow(
      refusal(fullDevice, 'cannot be written: the disk is'),
    )
  })
})

test('a place that may not be written to is told from one that is full', () => {
  const denied = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' })
  expect(fileError('/media/disc/run', denied)).toMatchObject({
    code: 'file/not-permitted',
    facts: { file: '/media/disc/run' },
    cause: denied,
  })
})
