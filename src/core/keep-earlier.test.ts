import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keepEarlier } from './keep-earlier.ts'

test('files that belong together move to the next number that is free for all of them', () => {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-'))
  const write = (...names: string[]) => {
    for (const name of names) writeFileSync(join(directory, name), name)
  }
  expect(keepEarlier(directory, ['a.json', 'a.html'])).toBeUndefined()
  write('a.json', 'a.html', 'a.1.html')
  expect(keepEarlier(directory, ['a.json', 'a.html'])).toBe(join(directory, 'a.2.json'))
  expect(readdirSync(directory).sort()).toEqual(['a.1.html', 'a.2.html', 'a.2.json'])
  expect(readFileSync(join(directory, 'a.1.html'), 'utf8')).toBe('a.1.html')
  write('lines')
  expect(keepEarlier(directory, ['lines'])).toBe(join(directory, 'lines.1'))
})
