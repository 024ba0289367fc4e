import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { FileError } from './errors.ts'
import { writeFileAtomic } from './files.ts'

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
