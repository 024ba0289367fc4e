import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { imageSize, requireImageFits } from './image-header.ts'

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 20, b: 60 } } })

describe('the size of an image is read from its header', () => {
  test.each([
    ['png', () => picture(37, 21).png().toBuffer()],
    ['jpeg', () => picture(37, 21).jpeg().toBuffer()],
    [
      'progressive jpeg with metadata',
      () =>
        picture(37, 21)
          .withExif({ IFD0: { Copyright: 'nobody' } })
          .jpeg({ progressive: true })
          .toBuffer(),
    ],
    ['gif', () => picture(37, 21).gif().toBuffer()],
    ['webp', () => picture(37, 21).webp().toBuffer()],
    ['lossless webp', () => picture(37, 21).webp({ lossless: true }).toBuffer()],
    ['transparent webp', () => picture(37, 21).ensureAlpha(0.5).webp().toBuffer()],
  ])('of a %s', async (_, make) => {
    expect(imageSize(await make(), 'it')).toEqual({ width: 37, height: 21 })
  })

  test('of a BMP that stands upside down', () => {
    const bytes = Buffer.alloc(54)
    bytes.write('BM')
    bytes.writeInt32LE(37, 18)
    bytes.writeInt32LE(-21, 22)
    expect(imageSize(bytes, 'it')).toEqual({ width: 37, height: 21 })
  })
})

/** Head of a PNG that announces so many pixels. */
function bomb(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(60)
  bytes.write('89504e470d0a1a0a0000000d49484452', 'hex')
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}

describe('refused before a pixel is decoded', () => {
  test.each([
    [
      'a decompression bomb',
      bomb(60_000, 60_000),
      /60000 × 60000 pixels by its header; the server takes 1 × 1 to 4096/,
    ],
    ['a narrow one', bomb(1, 5000), /1 × 5000/],
    ['an image without pixels', bomb(0, 8), /0 × 8/],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), /is none of PNG, JPEG/],
    ['a text', Buffer.from('hello, hello, hello'), /is none of/],
    ['nothing', Buffer.alloc(0), /is none of/],
    ['a PNG of its signature', bomb(3, 3).subarray(0, 18), /cut short/],
    [
      'a JPEG without a frame',
      Buffer.from('ffd8ffe000104a46494600010100ffd9ffd9', 'hex'),
      /cut short|damaged/,
    ],
    ['a JPEG of filling bytes', Buffer.alloc(5000, 0xff).fill(0xd8, 1, 2), /cut short|damaged/],
  ])('%s', (_, bytes, message) => {
    expect(() => requireImageFits({ bytes }, 'image 0', 4096)).toThrow(
      expect.objectContaining({ code: 'serve/image', message: expect.stringMatching(message) }),
    )
  })

  test('pixels of a camera that are too many', () => {
    const image = { width: 5000, height: 1, data: new Uint8Array(15_000) }
    expect(() => requireImageFits(image, 'camera', 4096)).toThrow(/5000 × 1/)
    expect(() => requireImageFits({ ...image, width: 4096 }, 'camera', 4096)).not.toThrow()
  })

  test('every JPEG that is cut before its frame', async () => {
    const bytes = await picture(16, 16).jpeg().toBuffer()
    for (let end = 12; end < 100; end++)
      expect(() => imageSize(bytes.subarray(0, end), 'it'), `${end}`).toThrow(
        expect.objectContaining({ code: 'serve/image' }),
      )
  })
})
