import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DataError } from '../../core/index.ts'
import { imageFiles } from './image-files.ts'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'images-'))
  for (const folder of ['b', '.hidden', 'none']) mkdirSync(join(directory, folder))
  for (const name of ['c.PNG', 'a.jpeg', 'b/d.webp', 'note.txt', '.x.png', '.hidden/y.png', 'none/z.md']) {
    writeFileSync(join(directory, name), 'x')
  }
  symlinkSync(join(directory, 'a.jpeg'), join(directory, 'link.jpg'))
})
afterAll(() => rmSync(directory, { recursive: true }))

it('lists images of a folder and its folders in one order, hidden ones left out', () => {
  const names = ['a.jpeg', 'b/d.webp', 'c.PNG', 'link.jpg']
  expect(imageFiles(directory)).toEqual(names.map((name) => join(directory, name)))
})

it('says so when there is no image or no folder', () => {
  expect(() => imageFiles(join(directory, 'none'))).toThrow(/no image .* in .*none/)
  expect(() => imageFiles(join(directory, 'nowhere'))).toThrow(DataError)
})
