import { readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { DataError, random } from '../../core/index.ts'
import { applyTransforms, clipStatistics, normalize } from '../augment/index.ts'
import { decodeImage, squareOf } from './decode.ts'
import type { DecodeOptions, Fit } from './fit.ts'

const sampleOf = (bytes: Uint8Array) => ({
  id: 'one',
  image: { bytes },
  origin: { file: 'list.csv', line: 3 },
})

const decode = (bytes: Uint8Array, resolution: number, fit: Fit = 'cover') =>
  decodeImage(sampleOf(bytes), { resolution, fit })

/** A picture with a red left and a blue right half. */
function halves(width = 8, height = 8): Sharp {
  const red = Buffer.from(
    `<svg width="${width / 2}" height="${height}"><path d="M0 0h99v99h-99z" fill="#f00"/></svg>`,
  )
  const blue = { r: 0, g: 0, b: 255 }
  const picture = sharp({ create: { width, height, channels: 3, background: blue } })
  return picture.composite([{ input: red, left: 0, top: 0 }])
}

/** A white PNG of one bit a pixel: small, whatever its size. */
function whitePng(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const row = Buffer.alloc(1 + Math.ceil(width / 8), 255)
  row[0] = 0
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)), { level: 1 })
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Of PNG's chunks; node has one of its own from version 22 on. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

const halfOf = (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)

/** Red, green, blue and alpha of a pixel. */
const pixel = ({ width, data }: { width: number; data: Uint8Array }, x: number, y: number) => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
]

const isRed = ([r = 0, g = 0, b = 0, a = 0]: number[]) => r > 240 && g < 20 && b < 20 && a === 255
const isBlue = ([r = 0, g = 0, b = 0, a = 0]: number[]) => b > 240 && g < 20 && r < 20 && a === 255

describe('decodeImage', () => {
  it.each([
    ['PNG', () => halves().png()],
    ['palette PNG', () => halves().png({ palette: true })],
    ['16-bit PNG', () => halves().toColourspace('rgb16').png()],
    ['JPEG', () => halves(32, 32).jpeg({ quality: 100, chromaSubsampling: '4:4:4' })],
    ['lossless WebP', () => halves().webp({ lossless: true })],
    ['GIF', () => halves().gif()],
  ])('reads %s', async (_, make) => {
    const decoded = await decode(await make().toBuffer(), 8)
    expect(decoded.data.length).toBe(8 * 8 * 4)
    expect(isRed(pixel(decoded, 1, 4))).toBe(true)
    expect(isBlue(pixel(decoded, 6, 4))).toBe(true)
  })

  it('keeps the bytes of a picture that has the resolution', async () => {
    const bytes = Uint8Array.from({ length: 6 * 6 * 3 }, (_, i) => (i * 29) % 256)
    const png = await sharp(bytes, { raw: { width: 6, height: 6, channels: 3 } })
      .png()
      .toBuffer()
    const { data } = await decode(png, 6)
    expect([...data.filter((_, i) => i % 4 !== 3)]).toEqual([...bytes])
  })

  it('reads grey and CMYK', async () => {
    const grey = sharp({ create: { width: 4, height: 4, channels: 3, background: '#808080' } }).greyscale()
    expect(pixel(await decode(await grey.png().toBuffer(), 4), 1, 1)).toEqual([128, 128, 128, 255])
    const cmyk = await halves(32, 32).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk')
    const [red = 0, , blue = 0] = pixel(await decode(cmyk, 8), 1, 4)
    expect(red - blue).toBeGreaterThan(100)
  })

  // Each is stored turned by so many degrees, then mirrored.
  it.each<[orientation: number, turn: number, mirror?: 'flip' | 'flop']>([
    [1, 0],
    [2, 0, 'flop'],
    [3, 180],
    [4, 0, 'flip'],
    [5, 90, 'flop'],
    [6, 270],
    [7, 90, 'flip'],
    [8, 90],
  ])('turns and mirrors as EXIF orientation %i says', async (orientation, turn, mirror) => {
    const patch = (background: string) =>
      ({ create: { width: 8, height: 8, channels: 3, background } }) as const
    const shown = await sharp({ create: { width: 16, height: 16, channels: 3, background: '#fff' } })
      .composite([
        { input: patch('#f00'), left: 0, top: 0 },
        { input: patch('#00f'), left: 0, top: 8 },
      ])
      .png()
      .toBuffer()
    const stored = sharp(await sharp(shown).rotate(turn).png().toBuffer())
    const jpeg = await (mirror ? stored[mirror]() : stored)
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation })
      .toBuffer()
    const decoded = await decode(jpeg, 16)
    expect(isRed(pixel(decoded, 3, 3))).toBe(true)
    expect(isBlue(pixel(decoded, 3, 12))).toBe(true)
    expect(Math.min(...pixel(decoded, 12, 3), ...pixel(decoded, 12, 12))).toBeGreaterThan(240)
  })

  it.each(['gif', 'webp'] as const)('takes the first frame of an animated %s', async (format) => {
    const frames = ['#f00', '#00f'].map((background) => ({
      create: { width: 4, height: 4, channels: 3, background } as const,
    }))
    const pictures = await Promise.all(frames.map((frame) => sharp(frame).png().toBuffer()))
    const animation = await sharp(pictures, { join: { animated: true } })
      [format]()
      .toBuffer()
    expect((await sharp(animation).metadata()).pages).toBe(2)
    expect(isRed(pixel(await decode(animation, 4), 2, 2))).toBe(true)
  })

  it('reads grey of 16 bits with transparency', async () => {
    const raw = Uint16Array.of(40_000, 32_768)
    const png = await sharp(raw, { raw: { width: 1, height: 1, channels: 2 } })
      .toColourspace('grey16')
      .png()
      .toBuffer()
    const [red, green, blue, alpha] = pixel(await decode(png, 1), 0, 0)
    expect(alpha).toBe(128)
    expect([green, blue]).toEqual([red, red])
    expect(Math.abs(red! - (40_000 / 257) * (128 / 255))).toBeLessThan(2)
  })

  it('fills the square with the whole picture, stretched', async () => {
    for (const [width, height] of [
      [64, 16],
      [6, 40],
      [4, 4],
      [4, 2],
    ] as const) {
      const decoded = await decode(await halves(width, height).png().toBuffer(), 16, 'fill')
      expect(decoded.frame).toEqual({ left: 0, top: 0, width: 16, height: 16 })
      for (const y of [0, 8, 15]) {
        expect(isRed(pixel(decoded, 0, y)), `${width} × ${height}`).toBe(true)
        expect(isBlue(pixel(decoded, 15, y)), `${width} × ${height}`).toBe(true)
      }
    }
  })

  it.each([
    ['cover', 20_000, 1],
    ['cover', 1, 20_000],
    ['contain', 20_000, 3],
    ['fill', 20_000, 2],
    ['cover', 20_000, 20_000],
  ] as const)('%s of %i × %i pixels', async (fit, width, height) => {
    const decoded = await decode(whitePng(width, height), 64, fit)
    expect(decoded).toMatchObject({ width: 64, height: 64 })
    expect(pixel(decoded, 32, 31)).toEqual([255, 255, 255, 255])
  })

  it.each(['', '\uFEFF  \n', '<?xml version="1.0"?>\n<!-- drawn -->'])(
    'draws SVG sharply (%j before it)',
    async (head) => {
      const svg = `${head}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4" width="4" height="4"><path d="M1 0h1v4h-1z" fill="#f00"/></svg>`
      const decoded = await decode(Buffer.from(svg), 64)
      expect(pixel(decoded, 14, 30)).toEqual([0, 0, 0, 0])
      expect(pixel(decoded, 18, 30)).toEqual([255, 0, 0, 255])
      expect(pixel(decoded, 29, 30)).toEqual([255, 0, 0, 255])
      expect(pixel(decoded, 34, 30)).toEqual([0, 0, 0, 0])
    },
  )

  it('premultiplies colour by alpha', async () => {
    const raw = Uint8Array.of(200, 100, 50, 128)
    const png = await sharp(raw, { raw: { width: 1, height: 1, channels: 4 } })
      .png()
      .toBuffer()
    expect(pixel(await decode(png, 1), 0, 0)).toEqual([100, 50, 25, 128])
  })

  it('contains the whole picture, or covers the square with its middle', async () => {
    const wide = await halves(16, 8).png().toBuffer()
    const contained = await decode(wide, 16, 'contain')
    expect(pixel(contained, 8, 1)).toEqual([0, 0, 0, 0])
    expect(isRed(pixel(contained, 0, 8))).toBe(true)
    expect(isBlue(pixel(contained, 15, 8))).toBe(true)
    const covered = await decode(wide, 8)
    expect(isRed(pixel(covered, 2, 0))).toBe(true)
    expect(isBlue(pixel(covered, 5, 7))).toBe(true)
  })

  it('agrees with the processor of CLIP in Hugging Face', async () => {
    const path = new URL('../../../test/golden/images/clip-processor.json', import.meta.url)
    const cases: { png: string; pixelValues: number[] }[] = JSON.parse(readFileSync(path, 'utf8'))
    for (const { png, pixelValues } of cases) {
      const pixels = await decode(Buffer.from(png, 'base64'), 16)
      const options = { transforms: [normalize(clipStatistics)], caption: '', random: random(1) }
      const { colors } = applyTransforms(pixels, { ...options, background: [1, 1, 1] })
      const levels = Array.from(colors, (value, i) => Math.abs(value - pixelValues[i]!) * 255 * 0.27)
      expect(Math.max(...levels)).toBeLessThan(1.01) // of 255
      expect(levels.reduce((a, b) => a + b) / levels.length).toBeLessThan(0.1)
    }
  })
})

describe('decodeImage refuses', () => {
  const options: DecodeOptions = { resolution: 8, fit: 'cover' }

  it.each([
    ['no bytes', /is empty/, async () => new Uint8Array(0)],
    ['a PNG of no pixels', /it has no pixels/, async () => whitePng(0, 8)],
    [
      'an SVG of no pixels',
      /it has no pixels/,
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="0" height="8"/>'),
    ],
    ['more pixels than can be held', /more than 500 million pixels/, async () => whitePng(100_000, 6000)],
    ['text', /none of JPEG, PNG/, async () => Buffer.from('<html>404</html>')],
    ['half a JPEG', /premature end/, async () => halfOf(await halves(64, 64).jpeg().toBuffer())],
    ['half a PNG', /./, async () => halfOf(await halves(64, 64).png({ compressionLevel: 0 }).toBuffer())],
  ])('%s, naming the sample', async (_, reason, make) => {
    const attempt = decodeImage(sampleOf(await make()), options)
    await expect(attempt).rejects.toThrow(DataError)
    await expect(attempt).rejects.toThrow(/list\.csv:3, sample one/)
    await expect(attempt).rejects.toThrow(reason)
    await expect(attempt).rejects.toMatchObject({
      code: 'data/unreadable-image',
      facts: { sample: 'one', file: 'list.csv', line: 3 },
    })
  })

  it('files that are missing or broken, naming the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'decode-'))
    await writeFile(join(folder, 'broken.png'), 'x')
    for (const name of ['missing.png', 'broken.png']) {
      const file = join(folder, name)
      const attempt = decodeImage({ id: 'one', image: { file }, origin: { file: 'list.csv' } }, options)
      await expect(attempt).rejects.toMatchObject({ code: 'data/unreadable-image', facts: { image: file } })
      await expect(attempt).rejects.toThrow(name)
    }
  })
})

describe('squareOf', () => {
  const fits: readonly Fit[] = ['cover', 'contain', 'fill']
  it.each([
    ['the model’s own size', 64, 64, 64],
    ['the model’s own size, large', 224, 224, 224],
    ['a little smaller', 48, 40, 64],
    ['a little larger', 100, 80, 64],
    ['as large as is decoded without libvips', 128, 128, 64],
    ['one row larger than that', 128, 129, 64],
    ['a camera’s', 640, 480, 224],
    ['a camera’s, upright', 240, 320, 96],
    ['large, and yet too small', 200, 150, 224],
  ])('makes of the pixels of a camera what a PNG of them gives: %s', async (_, width, height, resolution) => {
    const stream = random(11, 'camera')
    const data = Uint8Array.from({ length: 3 * width * height }, () => stream.integer(256))
    const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer()
    for (const fit of fits) {
      const square = await squareOf({ width, height, data }, { resolution, fit })
      const expected = await decode(bytes, resolution, fit)
      expect(square.frame).toEqual(expected.frame)
      expect(Buffer.compare(square.data, expected.data), fit).toBe(0)
    }
  })
})
