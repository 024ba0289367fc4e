import type { Plain } from './pixels.ts'

/** Compressions of a BMP that are read: none, and channels by masks. */
const [none, byMasks, byMasksWithAlpha] = [0, 3, 6]

/** Masks of red, green, blue and alpha of 16 and 32 bits without masks of their own. */
const usualMasks: Readonly<Record<number, readonly number[]>> = {
  16: [0x7c00, 0x3e0, 0x1f, 0],
  32: [0xff0000, 0xff00, 0xff, 0],
}

interface Header {
  /** Place of the header in the file, and its length. */
  readonly size: number
  readonly width: number
  readonly height: number
  /** Rows begin at the top. */
  readonly topDown: boolean
  readonly bits: number
  readonly compression: number
  /** Place of the pixels. */
  readonly start: number
}

/**
 * Decode a BMP, which libvips does not: palettes of 1, 4 or 8 bits, 16, 24 or 32 bits a pixel, not compressed.
 * Undefined for files that are no BMP.
 * @throws Error naming what cannot be read.
 */
export function decodeBmp(bytes: Uint8Array, mostPixels: number): Plain | undefined {
  if (bytes[0] !== 0x42 || bytes[1] !== 0x4d) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 54 || view.getUint32(14, true) < 40) throw unread('its header is cut short or of 1990')
  const header = headerOf(view)
  const { width, height, bits, start, topDown } = header
  if (width * height > mostPixels) throw new Error(`it has more than ${mostPixels / 1e6} million pixels`)
  const stride = Math.ceil((width * bits) / 32) * 4
  if (width < 1 || height < 1 || start + stride * height > bytes.length)
    throw new Error('it is cut short, or has no pixels')
  const data = new Uint8Array(4 * width * height)
  const pixel = bits <= 8 ? paletteReader(bytes, view, header) : maskReader(view, header)
  for (let y = 0; y < height; y++) {
    const row = start + stride * (topDown ? y : height - 1 - y)
    for (let x = 0; x < width; x++) pixel(row, x, data, 4 * (y * width + x))
  }
  return { width, height, data }
}

function headerOf(view: DataView): Header {
  const height = view.getInt32(22, true)
  const [bits, compression] = [view.getUint16(28, true), view.getUint32(30, true)]
  const isPlain = compression === none && [1, 4, 8, 16, 24, 32].includes(bits)
  const isMasked =
    (compression === byMasks || compression === byMasksWithAlpha) && (bits === 16 || bits === 32)
  if (!isPlain && !isMasked) throw unread(`it has ${bits} bits a pixel and compression ${compression}`)
  return {
    size: view.getUint32(14, true),
    width: view.getInt32(18, true),
    height: Math.abs(height),
    topDown: height < 0,
    bits,
    compression,
    start: view.getUint32(10, true),
  }
}

type ReadPixel = (row: number, x: number, to: Uint8Array, at: number) => void

function paletteReader(bytes: Uint8Array, view: DataView, { size, bits }: Header): ReadPixel {
  const palette = 14 + size
  const colors = Math.min(view.getUint32(46, true) || 2 ** bits, 2 ** bits)
  return (row, x, to, at) => {
    const byte = bytes[row + ((x * bits) >> 3)]!
    const index = (byte >> (8 - bits - ((x * bits) & 7))) & (2 ** bits - 1)
    if (index >= colors) throw new Error(`a pixel has colour ${index} of a palette of ${colors}`)
    for (let c = 0; c < 3; c++) to[at + c] = bytes[palette + 4 * index + 2 - c]!
    to[at + 3] = 255
  }
}

function maskReader(view: DataView, { size, bits, compression }: Header): ReadPixel {
  if (bits === 24) {
    return (row, x, to, at) => {
      for (let c = 0; c < 3; c++) to[at + c] = view.getUint8(row + 3 * x + 2 - c)
      to[at + 3] = 255
    }
  }
  const hasAlpha = compression === byMasksWithAlpha || size >= 56
  const stored = [54, 58, 62].map((place) => view.getUint32(place, true))
  const masks =
    compression === none ? usualMasks[bits]! : [...stored, hasAlpha ? view.getUint32(66, true) : 0]
  const channels = masks.map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)
    return { mask, shift, scale: 255 / Math.max(1, mask >>> shift) }
  })
  return (row, x, to, at) => {
    const value = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true)
    for (const [c, { mask, shift, scale }] of channels.entries())
      to[at + c] = mask === 0 ? 255 : Math.round(((value & mask) >>> shift) * scale)
  }
}

const unread = (what: string): Error =>
  new Error(`it is a BMP of a kind that is not read: ${what}. Save it as PNG`)
