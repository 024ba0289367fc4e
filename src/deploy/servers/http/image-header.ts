import { RequestError } from '../../../core/index.ts'
import type { CameraPixels, EncodedImage } from '../../../data/images/index.ts'

/** Width and height of an image in pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** Formats that servers take, by the first bytes of a file; each reads the size of the image from the header. */
const formats: readonly {
  readonly name: string
  readonly starts: (bytes: Buffer) => boolean
  readonly sizeOf: (bytes: Buffer) => ImageSize
}[] = [
  {
    name: 'PNG',
    starts: (bytes) => bytes.readUInt32BE(0) === 0x89504e47 && bytes.readUInt32BE(4) === 0x0d0a1a0a,
    sizeOf: (bytes) => ({ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }),
  },
  { name: 'JPEG', starts: (bytes) => bytes.readUInt16BE(0) === 0xffd8, sizeOf: sizeOfJpeg },
  {
    name: 'GIF',
    starts: (bytes) => /^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)),
    sizeOf: (bytes) => ({ width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }),
  },
  {
    name: 'WebP',
    starts: (bytes) =>
      bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
    sizeOf: sizeOfWebp,
  },
  {
    name: 'BMP',
    starts: (bytes) => bytes.toString('latin1', 0, 2) === 'BM',
    sizeOf: (bytes) => ({ width: Math.abs(bytes.readInt32LE(18)), height: Math.abs(bytes.readInt32LE(22)) }),
  },
]

/** Names of the formats that servers take. SVG can ask for much work in few bytes, and is not among them. */
export const imageFormats: readonly string[] = formats.map(({ name }) => name)

/**
 * Check an image by its header, before a pixel of it is decoded.
 * @param name Name of the image in messages. @param side Largest width and height.
 * @throws RequestError `serve/image` for another format, a header that is cut short, no pixels or too many.
 */
export function requireImageFits(image: CameraPixels | EncodedImage, name: string, side: number): void {
  if ('file' in image) return
  const { width, height } = 'bytes' in image ? imageSize(image.bytes, name) : image
  if (width > 0 && height > 0 && width <= side && height <= side) return
  throw new RequestError(
    'serve/image',
    `${name} has ${width} × ${height} pixels by its header; the server takes 1 × 1 to ${side} × ${side}`,
    { name, width, height, side },
  )
}

/** Size of an image by its header. @throws RequestError `serve/image`. */
export function imageSize(image: Uint8Array, name: string): ImageSize {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength)
  const format = bytes.length < 12 ? undefined : formats.find(({ starts }) => starts(bytes))
  if (format === undefined)
    throw new RequestError('serve/image', `${name} is none of ${imageFormats.join(', ')}`, { name })
  try {
    return format.sizeOf(bytes)
  } catch (cause) {
    const message = `${name} is a ${format.name} whose header is cut short or damaged`
    throw new RequestError('serve/image', message, { name }, { cause })
  }
}

/** Markers of JPEG that begin a frame: all from C0 to CF but tables and the arithmetic coder's. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

function sizeOfJpeg(bytes: Buffer): ImageSize {
  for (let at = 2; ; ) {
    if (bytes.readUInt8(at) !== 0xff) throw new Error('no marker')
    const marker = bytes.readUInt8(at + 1)
    if (marker === 0xff)
      at += 1 // a filling byte
    else if (isFrame(marker)) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    else if (marker === 0xd9 || marker === 0xda) throw new Error('no frame')
    else at += marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7) ? 2 : 2 + bytes.readUInt16BE(at + 2)
  }
}

function sizeOfWebp(bytes: Buffer): ImageSize {
  const kind = bytes.toString('latin1', 12, 16)
  if (kind === 'VP8X') return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) }
  if (kind === 'VP8 ')
    return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
  if (kind !== 'VP8L') throw new Error('no known chunk')
  const bits = bytes.readUInt32LE(21)
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
}
