import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folder } from './folder.ts'
import { splitCaptions } from './split-captions.ts'

let directory: string
const names = Array.from({ length: 20 }, (_, i) => `${i}.png`)

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'split-'))
  for (const [i, name] of names.entries()) writeFileSync(join(directory, name), `picture ${i % 18}`) // 0 = 18, 1 = 19
})
afterAll(() => rmSync(directory, { recursive: true }))

const tenths = { validation: 0.1, test: 0.2, seed: 7 }
const split = (captions: string, text: string, options = tenths) => {
  writeFileSync(join(directory, captions), text)
  return splitCaptions(directory, { captions }, options)
}

/** Pictures of a part, as a source of it has them. */
async function idsOf(text: string, captions: string): Promise<string[]> {
  writeFileSync(join(directory, `part-${captions}`), text)
  const samples = await Readable.from(folder(directory, { captions: `part-${captions}` }).samples()).toArray()
  return samples.map(({ id }) => id)
}

const rows = names.flatMap((name) => [`${name};x;"${name}\nin ""two"" lines"`, `./${name};y;again`])
const table = `file;note;caption\n${rows.join('\n')}\n`
const lines = names.map((name) => JSON.stringify({ file: name, captions: [name], more: [1] })).join('\r\n')

describe('splitCaptions', () => {
  it.each([
    ['captions.csv', table],
    ['captions.jsonl', lines],
  ])('gives every row of %s to one part, and all of a picture to the same', async (captions, text) => {
    const parts = await split(captions, text)
    expect(parts.map(({ name, pictures }) => [name, pictures])).toEqual([
      ['test', 4], // of 18 pictures that differ
      ['validation', 2],
      ['train', 12],
    ])
    const ids = await Promise.all(parts.map((part) => idsOf(part.text, captions)))
    expect(ids.flat().sort()).toEqual([...names].sort())
    for (const [a, b] of [
      ['0.png', '18.png'],
      ['1.png', '19.png'],
    ] as const)
      expect(ids.find((own) => own.includes(a))).toContain(b)
    const whole = captions.endsWith('csv') ? rows : lines.split('\r\n')
    expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(whole.length)
    for (const row of whole)
      expect(parts.filter((part) => `\n${part.text}`.includes(`\n${row}\n`))).toHaveLength(1)
  })

  it('depends on the seed and the names, and not on the order of rows', async () => {
    const parts = (text: string, seed = 7) => split('order.jsonl', text, { ...tenths, seed })
    const sorted = async (text: string, seed?: number) =>
      (await parts(text, seed)).map((part) => part.text.split('\n').sort().join('\n'))
    const backwards = lines.split('\r\n').reverse().join('\n')
    expect(await sorted(backwards)).toEqual(await sorted(lines))
    expect(await sorted(lines, 8)).not.toEqual(await sorted(lines, 7))
  })

  it('makes no part of nothing, and a part of a picture at least', async () => {
    const few = lines.split('\r\n').slice(0, 3).join('\n')
    const counts = async (validation: number, test: number) =>
      (await split('few.jsonl', few, { seed: 0, validation, test })).map(({ name, pictures }) => [
        name,
        pictures,
      ])
    expect(await counts(0, 0.01)).toEqual([
      ['test', 1],
      ['train', 2],
    ])
    expect(await counts(0, 0)).toEqual([['train', 3]])
    await expect(counts(0.5, 0.4)).rejects.toMatchObject({ code: 'data/split' })
  })

  it('stops at the first bad row and the first missing image', async () => {
    await expect(split('bad.jsonl', `${lines}\n{"file":"0.png"}`)).rejects.toThrow(/bad\.jsonl:21: expected/)
    await expect(split('none.jsonl', '{"file":"x.png","caption":"x"}')).rejects.toThrow(
      /none\.jsonl:1: there is no/,
    )
    expect(readFileSync(join(directory, 'none.jsonl'), 'utf8')).toContain('x.png')
  })
})
