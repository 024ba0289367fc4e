import { readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { DataError, random } from '../../core/index.ts'
import { applyTransforms, clipStatistics, normalize } from '../augment/index.ts'
import { type DecodeOptions, decodeImage, type Fit } from './decode.ts'

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

  it('turns as EXIF says', async () => {
    // Orientation 6: stored lying, to be turned by 90° clockwise. Left becomes top.
    const jpeg = await halves(32, 32).jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toBuffer()
    const decoded = await decode(jpeg, 8)
    expect(isRed(pixel(decoded, 4, 1))).toBe(true)
    expect(isBlue(pixel(decoded, 4, 6))).toBe(true)
  })

  it('takes the first frame of an animation', async () => {
    const frames = await Promise.all(
      ['#f00', '#00f'].map((background) =>
        sharp({ create: { width: 4, height: 4, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    )
    const animation = await sharp(frames, { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer()
    expect((await sharp(animation).metadata()).pages).toBe(2)
    expect(pixel(await decode(animation, 4), 2, 2)).toEqual([255, 0, 0, 255])
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
      expect(Math.max(...levels)).toBeLessThan(6) // of 255
      expect(levels.reduce((a, b) => a + b) / levels.length).toBeLessThan(0.4)
    }
  })
})

describe('decodeImage refuses', () => {
  const options: DecodeOptions = { resolution: 8, fit: 'cover' }

  it.each([
    ['no bytes', async () => new Uint8Array(0)],
    ['text', async () => Buffer.from('<html>404</html>')],
    ['half a JPEG', async () => halfOf(await halves(64, 64).jpeg().toBuffer())],
    ['half a PNG', async () => halfOf(await halves(64, 64).png({ compressionLevel: 0 }).toBuffer())],
  ])('%s, naming the sample', async (_, make) => {
    const attempt = decodeImage(sampleOf(await make()), options)
    await expect(attempt).rejects.toThrow(DataError)
    await expect(attempt).rejects.toThrow(/list\.csv:3, sample one/)
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
