import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type SharpOptions } from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folder } from '../sources/index.ts'
import { inspectSource, type SourceInspection } from './inspect-source.ts'

const directory = mkdtempSync(join(tmpdir(), 'inspection-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** A drawing that is not symmetric, in a colour. */
const drawing = (width: number, height: number, color: string) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="${width}" height="${height}" ` +
        `preserveAspectRatio="none"><rect width="100" height="100" fill="white"/>` +
        `<path d="M10 20L70 5L90 60L30 90Z" fill="${color}"/><circle cx="30" cy="35" r="12"/></svg>`,
    ),
  )

const rows = [
  ['a.png', 'a red shape', 'red'],
  ['copy.png', 'the very same file'],
  ['smaller.jpg', 'the same drawing again'],
  ['blue.png', 'a blue shape'],
  ['turned.jpg', 'stored on its side'],
  ['flat.png', 'grey'],
  ['darker.png', 'another grey'],
  ['cut.png', 'cut short'],
  ['absent.png', 'not there'],
] as const

let inspection: SourceInspection
let told = 0

beforeAll(async () => {
  const file = (name: string) => join(directory, name)
  const red = await drawing(64, 48, '#e02020').png().toBuffer()
  writeFileSync(file('a.png'), red)
  writeFileSync(file('copy.png'), red)
  await drawing(40, 30, '#e02020').jpeg({ quality: 80 }).toFile(file('smaller.jpg'))
  await drawing(64, 48, '#2020e0').png().toFile(file('blue.png'))
  const noise = {
    create: { width: 32, height: 20, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 40 } },
  }
  await sharp(noise as SharpOptions)
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toFile(file('turned.jpg'))
  for (const [name, level] of [
    ['flat.png', 90],
    ['darker.png', 60],
  ] as const) {
    const background = { r: level, g: level, b: level }
    await sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .png()
      .toFile(file(name))
  }
  writeFileSync(file('cut.png'), red.subarray(0, 200))
  const lines = rows.map(([name, ...captions]) => JSON.stringify({ file: name, captions }))
  writeFileSync(file('captions.jsonl'), lines.join('\n'))
  const source = folder(directory, { captions: 'captions.jsonl' })
  inspection = await inspectSource(source, () => told++)
})

describe('inspectSource', () => {
  it('counts what can be used, and names what cannot', () => {
    expect(inspection.samples).toBe(7)
    const { count, codes, examples } = inspection.unreadable
    expect(count).toBe(2)
    expect(codes).toEqual({ 'data/missing-image': 1, 'data/unreadable-image': 1 })
    expect(examples.map(({ code }) => code).sort()).toEqual(['data/missing-image', 'data/unreadable-image'])
    expect(examples.map(({ message }) => message).join()).toMatch(/captions\.jsonl:8, sample cut\.png/)
    expect(told).toBe(8)
  })

  it('measures images as they are shown', () => {
    const { width, height, formats, sizes } = inspection.images
    expect(width).toMatchObject({ least: 20, median: 64, most: 64 })
    expect(height).toMatchObject({ least: 30, p5: 30, median: 48, p95: 48, most: 48 })
    expect(formats).toEqual({ png: 5, jpeg: 2 })
    expect(sizes[0]).toEqual({ width: 64, height: 48, count: 5 })
  })

  it('measures captions', () => {
    expect(inspection.captions).toMatchObject({
      count: 8,
      perSample: { least: 1, most: 2 },
      words: { least: 1, median: 3, most: 4 },
      characters: { least: 3, most: 22 },
    })
    expect(inspection.captions.words?.mean).toBeCloseTo((3 + 1 + 4 + 4 + 3 + 4 + 1 + 2) / 8)
  })

  it('finds equal files, and pictures that look alike but not those of another colour', () => {
    const { exact, near } = inspection.duplicates
    expect(exact).toEqual({ groups: 1, surplus: 1, examples: [['a.png', 'copy.png']] })
    expect(near).toEqual({ groups: 1, surplus: 1, examples: [['a.png', 'smaller.jpg']] })
  })

  it('shows a few bad samples of each kind, however many there are', async () => {
    const lines = [...Array(9).keys()].map((row) => JSON.stringify({ file: `${row}.png`, caption: 'gone' }))
    writeFileSync(join(directory, 'many.jsonl'), [...lines, '{'].join('\n'))
    const { unreadable } = await inspectSource(folder(directory, { captions: 'many.jsonl' }))
    expect(unreadable.codes).toEqual({ 'data/missing-image': 9, 'data/malformed-json': 1 })
    expect(unreadable.examples.map(({ code }) => code)).toEqual([
      ...Array(5).fill('data/missing-image'),
      'data/malformed-json',
    ])
  })
})

it('finds labels out of range, of sources and of programs', async () => {
  const labels = { box: { kind: 'box' } } as const
  const pixels = { file: 'flat.png', caption: 'grey', box: [12, 30, 60, 40] }
  writeFileSync(join(directory, 'boxes.jsonl'), JSON.stringify(pixels))
  const ofFolder = await inspectSource(folder(directory, { captions: 'boxes.jsonl', labels }))
  const own = {
    name: 'own',
    labels,
    async *samples() {
      const origin = { file: 'list.csv', line: 4 }
      const image = { file: join(directory, 'flat.png') }
      yield { id: 'one', image, captions: ['grey'], origin, labels: { box: pixels.box } }
    },
  }
  for (const [{ unreadable, samples }, place] of [
    [ofFolder, 'boxes.jsonl:1'],
    [await inspectSource(own), 'list.csv:4, sample one'],
  ] as const) {
    expect(samples).toBe(0)
    expect(unreadable.codes).toEqual({ 'data/bad-label': 1 })
    expect(unreadable.examples[0]!.message).toContain(`${place}: its label "box" is [12, 30, 60, 40]`)
    expect(unreadable.examples[0]!.message).toContain('(pixels?)')
  }
})
