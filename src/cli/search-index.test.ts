import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visuomotor } from '../../test/support/captured-output.ts'
import { tinyBundle } from '../../test/support/tiny-bundle.ts'
import { writeBundle } from '../deploy/index.ts'

const home = mkdtempSync(join(tmpdir(), 'search-index-'))
afterAll(() => rmSync(home, { recursive: true }))
const [model, other, photos] = ['model', 'other', 'photos'].map((name) => join(home, name)) as [
  string,
  string,
  string,
]
const index = join(home, 'photos.index')

const paint = (name: string, background: string) =>
  sharp({ create: { width: 40, height: 32, channels: 3, background } }).toFile(join(photos, name))

async function search(...more: string[]) {
  const argv = ['search', model, 'a red apple', '--images', photos, '--json', ...more]
  const { code, result, notes } = await visuomotor(...argv)
  expect(code, notes).toBe(0)
  const note = notes.split('\n').find((line) => line.includes('the index'))
  return { found: JSON.parse(result), note }
}

beforeAll(async () => {
  await writeBundle(model, tinyBundle('clip'))
  const bundle = tinyBundle('clip')
  const weights = new Map(bundle.weights)
  const name = 'visual_projection.weight'
  const { data, ...array } = weights.get(name)!
  weights.set(name, { ...array, data: (data as Float32Array).map((x, i) => (i % 3 === 0 ? -x : x)) })
  await writeBundle(other, { ...bundle, weights })
  mkdirSync(join(photos, 'deep'), { recursive: true })
  const colors = { 'a.png': 'red', 'b.jpg': 'green', 'deep/c.webp': 'blue', 'd.png': 'white' }
  for (const [file, color] of Object.entries(colors)) await paint(file, color)
})

describe('search --index', () => {
  test('keeps the features, encodes only what changed, and finds what a search without it finds', async () => {
    const counted = (kept: number, encoded: number, gone = '') =>
      `${kept} images taken from the index ${index}, ${encoded} encoded${gone}`
    const { found } = await search()
    expect(await search('--index', index)).toEqual({ found, note: counted(0, 4) })
    const { mtimeMs } = statSync(index)
    const bytes = readFileSync(index)
    expect(await search('--index', index)).toEqual({ found, note: counted(4, 0) })
    expect([statSync(index).mtimeMs, readFileSync(index)]).toEqual([mtimeMs, bytes]) // not written again

    await paint('a.png', 'yellow') // changed
    await paint('e.png', 'black') // new
    rmSync(join(photos, 'd.png')) // gone
    const later = await search()
    expect(later.found).not.toEqual(found)
    const gone = ', and 1 that is gone forgotten'
    expect(await search('--index', index)).toEqual({ found: later.found, note: counted(2, 2, gone) })
    expect(await search('--index', index, '--top', '2')).toEqual({
      found: { ...later.found, results: later.found.results.slice(0, 2) },
      note: counted(4, 0),
    })
  })

  test('takes an image of another time for another one', async () => {
    utimesSync(join(photos, 'b.jpg'), 1, 1)
    expect((await search('--index', index)).note).toContain('3 images taken from the index')
    expect((await search('--index', index)).note).toContain('4 images taken from the index')
  })

  test('finds among kept images when all others cannot be read', async () => {
    writeFileSync(join(photos, 'broken.png'), 'no image')
    const { found, note } = await search('--index', index)
    expect(found).toMatchObject({ searched: 4, unreadable: [join(photos, 'broken.png')] })
    expect(note).toContain('4 images taken from the index')
    rmSync(join(photos, 'broken.png'))
  })

  test('knows its model in another folder, and tells that it is of another one', async () => {
    const moved = join(home, 'moved')
    await writeBundle(moved, tinyBundle('clip'))
    const notesOf = async (folder: string) =>
      (await visuomotor('search', folder, 'a', '--images', photos, '--index', index)).notes
    expect(await notesOf(moved)).toContain('4 images taken from the index')
    expect(await notesOf(other)).toContain(
      `${index} was an index of another model. 0 images taken from the index ${index}, 4 encoded`,
    )
    expect(await notesOf(other)).toContain('4 images taken from the index')
  })

  test('writes over no file that is something else', async () => {
    const file = join(home, 'mine.txt')
    for (const content of ['mine', readFileSync(join(model, 'model.safetensors'))]) {
      writeFileSync(file, content)
      const { code, notes } = await visuomotor('search', model, 'a', '--images', photos, '--index', file)
      expect(code).toBe(1)
      expect(notes).toMatch(/error \[index\/not-an-index\]: .*mine\.txt is not an index.*Name another file/)
      expect(readFileSync(file)).toEqual(Buffer.from(content))
    }
    expect(existsSync(index)).toBe(true)
  })
})
